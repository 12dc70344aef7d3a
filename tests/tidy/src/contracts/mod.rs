//! The contracts, read from the `.proto` files with their comments, and what must hold of them.

mod comments;
mod events;
mod promises;
mod shape;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};

use crate::Finding;

/// A named thing of a contract: where it stands and what is said above it.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name; of a nested message with the outer one's before it: `Case.Decision`.
    pub name: String,
    /// `proto/…/case.proto:12`.
    pub place: String,
    /// The comment above it.
    pub comment: String,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string or bytes.
    Text,
    /// A message, by its full name without the leading dot.
    Message(String),
    /// An enum, a number or a bool.
    Plain,
}

/// A field of a message.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name and comment.
    pub named: Named,
    /// Its number.
    pub number: i32,
    /// What it holds.
    pub kind: Kind,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its name and comment.
    pub named: Named,
    /// Its full name, as fields refer to it.
    pub full_name: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Message {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.named.name == name)
    }
}

/// An enum.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name and comment.
    pub named: Named,
    /// Its values with their numbers.
    pub values: Vec<(Named, i32)>,
}

/// An RPC.
#[derive(Clone, Debug)]
pub struct Rpc {
    /// Its name and comment.
    pub named: Named,
    /// The full name of its request.
    pub request: String,
    /// The full name of its answer.
    pub response: String,
}

/// Everything that the contracts declare.
#[derive(Clone, Debug, Default)]
pub struct Contracts {
    /// Messages, nested ones too.
    pub messages: Vec<Message>,
    /// Enums, nested ones too.
    pub enums: Vec<Enum>,
    /// Services.
    pub services: Vec<Named>,
    /// The RPCs of all services.
    pub rpcs: Vec<Rpc>,
}

impl Contracts {
    /// The message of that full name, if it is one of ours.
    #[must_use]
    pub fn message(&self, full_name: &str) -> Option<&Message> {
        self.messages.iter().find(|m| m.full_name == full_name)
    }
}

/// All findings on the contracts, rule by rule.
#[must_use]
pub fn check(contracts: &Contracts) -> Vec<Finding> {
    let rules = [
        comments::check,
        shape::check,
        promises::check,
        events::check,
    ];
    rules.iter().flat_map(|rule| rule(contracts)).collect()
}

/// Reads every contract below `folder`, which is the import root.
///
/// # Errors
/// When a contract doesn't compile.
pub fn load(folder: &Path) -> Result<Contracts> {
    let mut files = Vec::new();
    find(&folder.join("ofsted"), &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new([folder])?;
    compiler.include_source_info(true).include_imports(false);
    compiler
        .open_files(&files)
        .context("compile the contracts")?;
    Ok(read(&compiler.file_descriptor_set()))
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

fn read(set: &FileDescriptorSet) -> Contracts {
    let mut contracts = Contracts::default();
    for file in &set.file {
        let mut reader = Reader::new(file, &mut contracts);
        for (index, message) in file.message_type.iter().enumerate() {
            reader.message(message, "", &[4, as_number(index)]);
        }
        for (index, declared) in file.enum_type.iter().enumerate() {
            reader.enumeration(declared, "", &[5, as_number(index)]);
        }
        for (index, service) in file.service.iter().enumerate() {
            reader.service(service, as_number(index));
        }
    }
    contracts
}

/// Reads one file; a thing is found by the path that descriptors give it (field number, index …).
struct Reader<'a> {
    file: &'a FileDescriptorProto,
    said: HashMap<Vec<i32>, (i32, String)>,
    into: &'a mut Contracts,
}

impl<'a> Reader<'a> {
    fn new(file: &'a FileDescriptorProto, into: &'a mut Contracts) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let said = locations
            .map(|l| {
                let line = l.span.first().copied().unwrap_or_default() + 1;
                (
                    l.path.clone(),
                    (line, l.leading_comments().trim().to_owned()),
                )
            })
            .collect();
        Self { file, said, into }
    }

    fn named(&self, name: &str, path: &[i32]) -> Named {
        let (line, comment) = self.said.get(path).cloned().unwrap_or_default();
        Named {
            name: name.to_owned(),
            place: format!("proto/{}:{line}", self.file.name()),
            comment,
        }
    }

    fn message(&mut self, message: &DescriptorProto, outer: &str, path: &[i32]) {
        if message.options.as_ref().is_some_and(|o| o.map_entry()) {
            return;
        }
        let name = format!("{outer}{}", message.name());
        let fields = message.field.iter().enumerate();
        let fields = fields.map(|(index, field)| Field {
            named: self.named(field.name(), &join(path, &[2, as_number(index)])),
            number: field.number(),
            kind: kind(field),
        });
        let read = Message {
            full_name: format!("{}.{name}", self.file.package()),
            fields: fields.collect(),
            named: self.named(&name, path),
        };
        self.into.messages.push(read);
        for (index, nested) in message.nested_type.iter().enumerate() {
            self.message(
                nested,
                &format!("{name}."),
                &join(path, &[3, as_number(index)]),
            );
        }
        for (index, nested) in message.enum_type.iter().enumerate() {
            self.enumeration(
                nested,
                &format!("{name}."),
                &join(path, &[4, as_number(index)]),
            );
        }
    }

    fn enumeration(&mut self, declared: &EnumDescriptorProto, outer: &str, path: &[i32]) {
        let values = declared.value.iter().enumerate();
        let values = values.map(|(index, value)| {
            let path = join(path, &[2, as_number(index)]);
            (self.named(value.name(), &path), value.number())
        });
        let read = Enum {
            values: values.collect(),
            named: self.named(&format!("{outer}{}", declared.name()), path),
        };
        self.into.enums.push(read);
    }

    fn service(&mut self, service: &prost_types::ServiceDescriptorProto, index: i32) {
        let path = [6, index];
        self.into.services.push(self.named(service.name(), &path));
        for (index, method) in service.method.iter().enumerate() {
            self.into.rpcs.push(Rpc {
                named: self.named(method.name(), &join(&path, &[2, as_number(index)])),
                request: method.input_type().trim_start_matches('.').to_owned(),
                response: method.output_type().trim_start_matches('.').to_owned(),
            });
        }
    }
}

fn kind(field: &FieldDescriptorProto) -> Kind {
    match field.r#type() {
        Type::String | Type::Bytes => Kind::Text,
        Type::Message | Type::Group => {
            Kind::Message(field.type_name().trim_start_matches('.').to_owned())
        }
        _ => Kind::Plain,
    }
}

fn join(path: &[i32], more: &[i32]) -> Vec<i32> {
    [path, more].concat()
}

fn as_number(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

/// Compiles `body` as a contract of the package `ofsted.visits.sample.v1`.
#[cfg(test)]
fn sample(file: &str, body: &str) -> Contracts {
    let folder = tempfile::tempdir().expect("a folder");
    let under = folder.path().join("ofsted/visits/sample/v1");
    std::fs::create_dir_all(&under).expect("a folder");
    let text = format!("syntax = \"proto3\";\npackage ofsted.visits.sample.v1;\n{body}");
    std::fs::write(under.join(file), text).expect("a file");
    load(folder.path()).expect("a contract that compiles")
}
