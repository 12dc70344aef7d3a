//! The components against GOV.UK's own fixtures (R-CON-28).
