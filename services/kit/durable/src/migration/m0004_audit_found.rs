//! The audit by principal and by time, found without a walk through the whole chain. Rows come into
//! these with their place: the step that leaves a row behind doesn't write them.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_audit_found"
    }
}

const INDEXES: [(&str, &[&str]); 2] = [
    ("ix_audit_actor", &["actor", "position"]),
    ("ix_audit_at", &["at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table("audit");
            for column in columns {
                index.col(*column);
            }
            index.and_where(Expr::col("position").is_not_null());
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
