//! Messages and enums of the contracts as JSON schemas of their proto-JSON, with their comments.

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};
use serde_json::{Map, Value, json};
use visits_core::Fault;

/// Field numbers of the descriptors themselves, of which the paths to comments are made.
const FILE_MESSAGE: i32 = 4;
const FILE_ENUM: i32 = 5;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;
const MESSAGE_ENUM: i32 = 4;
const ENUM_VALUE: i32 = 2;

/// Something in a file, and the path to its comment.
struct Found<'a, T> {
    file: &'a FileDescriptorProto,
    path: Vec<i32>,
    it: &'a T,
}

impl<T> Found<'_, T> {
    /// Its comment, or that of what lies below it at `rest`, as one line.
    fn comment(&self, rest: &[i32]) -> String {
        let path: Vec<i32> = self.path.iter().chain(rest).copied().collect();
        let locations = self
            .file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location);
        let comment = locations
            .filter(|location| location.path == path)
            .find_map(|location| location.leading_comments.as_deref());
        let words: Vec<&str> = comment.unwrap_or_default().split_whitespace().collect();
        words.join(" ")
    }
}

/// The contracts, by full names.
pub(super) struct Contracts<'a> {
    messages: BTreeMap<String, Found<'a, DescriptorProto>>,
    enums: BTreeMap<String, Found<'a, EnumDescriptorProto>>,
}

impl<'a> Contracts<'a> {
    pub(super) fn new(descriptors: &'a FileDescriptorSet) -> Self {
        let mut contracts = Self {
            messages: BTreeMap::new(),
            enums: BTreeMap::new(),
        };
        for file in &descriptors.file {
            contracts.add_enums(file, file.package(), &[FILE_ENUM], &file.enum_type);
            for (message, index) in file.message_type.iter().zip(0..) {
                contracts.add_message(file, file.package(), vec![FILE_MESSAGE, index], message);
            }
        }
        contracts
    }

    fn add_message(
        &mut self,
        file: &'a FileDescriptorProto,
        scope: &str,
        path: Vec<i32>,
        it: &'a DescriptorProto,
    ) {
        let name = format!("{scope}.{}", it.name());
        let below = |field: i32| [path.as_slice(), &[field]].concat();
        self.add_enums(file, &name, &below(MESSAGE_ENUM), &it.enum_type);
        for (nested, index) in it.nested_type.iter().zip(0..) {
            let path = [below(MESSAGE_NESTED), vec![index]].concat();
            self.add_message(file, &name, path, nested);
        }
        self.messages.insert(name, Found { file, path, it });
    }

    fn add_enums(
        &mut self,
        file: &'a FileDescriptorProto,
        scope: &str,
        path: &[i32],
        enums: &'a [EnumDescriptorProto],
    ) {
        for (it, index) in enums.iter().zip(0..) {
            let path = [path, &[index]].concat();
            let name = format!("{scope}.{}", it.name());
            self.enums.insert(name, Found { file, path, it });
        }
    }

    fn message(&self, name: &str) -> Result<&Found<'a, DescriptorProto>, Fault> {
        let found = self.messages.get(name);
        found.ok_or_else(|| Fault::fatal(format!("no contract has a message {name}")))
    }

    /// What a message's comment says.
    pub(super) fn comment(&self, name: &str) -> Result<String, Fault> {
        Ok(self.message(name)?.comment(&[]))
    }

    /// The schema of a message's proto-JSON, in which a value that is zero or empty is left out.
    pub(super) fn schema(&self, name: &str) -> Result<Value, Fault> {
        let message = self.message(name)?;
        let mut properties = Map::new();
        for (field, index) in message.it.field.iter().zip(0..) {
            let mut schema = self.of_field(field)?;
            let comment = message.comment(&[MESSAGE_FIELD, index]);
            schema.insert("description".to_owned(), json!(comment));
            properties.insert(field.json_name().to_owned(), Value::Object(schema));
        }
        Ok(json!({
            "type": "object",
            "description": message.comment(&[]),
            "properties": properties,
        }))
    }

    fn of_field(&self, field: &FieldDescriptorProto) -> Result<Map<String, Value>, Fault> {
        let named = field.type_name().trim_start_matches('.');
        let one = match field.r#type() {
            Type::String => json!({ "type": "string" }),
            Type::Bool => json!({ "type": "boolean" }),
            Type::Int32 => json!({ "type": "integer", "format": "int32" }),
            Type::Int64 => json!({ "type": "string", "pattern": "^-?[0-9]+$" }),
            Type::Message if named == "google.protobuf.Timestamp" => {
                json!({ "type": "string", "format": "date-time" })
            }
            Type::Enum if self.enums.contains_key(named) => {
                json!({ "allOf": [{ "$ref": format!("#/components/schemas/{named}") }] })
            }
            other => {
                let message = format!("{} has a type that no event has: {other:?}", field.name());
                return Err(Fault::fatal(message));
            }
        };
        let schema = if field.label() == Label::Repeated {
            json!({ "type": "array", "items": one })
        } else {
            one
        };
        Ok(schema.as_object().cloned().unwrap_or_default())
    }

    /// The schemas of the enums that events have.
    pub(super) fn enums(&self) -> Map<String, Value> {
        let events = self.messages.values().filter(|message| {
            let file = message.file.name();
            file.ends_with("/events.proto")
        });
        let mut schemas = Map::new();
        for field in events.flat_map(|message| &message.it.field) {
            let name = field.type_name().trim_start_matches('.');
            if let Some(found) = self.enums.get(name) {
                schemas.insert(name.to_owned(), of_enum(found));
            }
        }
        schemas
    }
}

fn of_enum(found: &Found<'_, EnumDescriptorProto>) -> Value {
    let values: Vec<&str> = found.it.value.iter().map(|value| value.name()).collect();
    let comments: Map<String, Value> = values
        .iter()
        .zip(0..)
        .map(|(value, index)| {
            let comment = found.comment(&[ENUM_VALUE, index]);
            ((*value).to_owned(), json!(comment))
        })
        .collect();
    json!({
        "type": "string",
        "description": found.comment(&[]),
        "enum": values,
        "x-enum-descriptions": comments,
    })
}
