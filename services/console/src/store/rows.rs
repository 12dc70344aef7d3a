//! The rows as they lie in the database.

/// A session.
pub(crate) mod sessions {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub(crate) struct Model {
        /// The hash of the cookie's value.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub principal: String,
        pub begun_at: i64,
        pub idle_until: i64,
        pub ends_at: i64,
        pub token_ends_at: i64,
        /// Until when somebody is getting a new token, who need not be followed by another.
        pub renewing_until: i64,
        pub sealed: Vec<u8>,
        /// Who its user is to the issuer, by which the issuer ends it; empty without one.
        pub subject: String,
        /// Which session at the issuer it came from; empty if the issuer doesn't say.
        pub issuer_session: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What somebody was writing.
pub(crate) mod drafts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "drafts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub principal: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub path: String,
        pub kept_at: i64,
        pub sealed: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
