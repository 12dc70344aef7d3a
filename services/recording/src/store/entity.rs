//! Rows, without behaviour.

/// A visit's record.
pub(super) mod record {
    use visits_durable::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_records")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub school: String,
        pub stage: String,
        /// `2020-10-13`; empty where only a stop was heard of.
        pub visit_date: String,
        /// Microseconds UTC; null while no letter is published.
        pub access_ends_at: Option<i64>,
        /// Microseconds UTC; null until the timer has come.
        pub access_ended_at: Option<i64>,
        pub body: Json,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An inspector of a record's team: what lists are scoped by.
pub(super) mod member {
    use visits_durable::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_record_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub record: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub inspector: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version of the visit form.
pub(super) mod form {
    use visits_durable::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "visit_forms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: String,
        pub effective_from: String,
        pub digest: String,
        /// Microseconds UTC.
        pub imported_at: i64,
        pub body: Json,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An inspector who is assigned to a school's routine inspection (M11).
pub(super) mod assignment {
    use visits_durable::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "routine_assignments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub inspector: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub school: String,
        /// Microseconds UTC.
        pub heard_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
