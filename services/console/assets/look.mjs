// Brings GOV.UK's behaviour to the components that the pages use. Without it everything works.
import {
  CharacterCount,
  ErrorSummary,
  NotificationBanner,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "./govuk-frontend.min.js";

for (const component of [CharacterCount, ErrorSummary, NotificationBanner, ServiceNavigation, SkipLink]) {
  createAll(component);
}

// What is asked further of a choice is shown with it. GOV.UK's own script says so by aria-expanded,
// which radios may not have.
function reveal() {
  for (const choice of document.querySelectorAll("input[data-aria-controls]")) {
    const further = document.getElementById(choice.dataset.ariaControls);
    further?.classList.toggle("govuk-radios__conditional--hidden", !choice.checked);
  }
}
addEventListener("change", reveal);
addEventListener("pageshow", reveal);
reveal();
