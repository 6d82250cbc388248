//! The modules of a crate, and which file uses what of which other one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

use crate::graph::Uses;

/// Names from the crate's root, such as `["dicom", "pixels"]`.
type Names = Vec<String>;

/// A module, and the file that it stands in.
#[derive(Default)]
struct Module {
    file: String,
    items: BTreeSet<String>,
    /// What `use` brings into it: the name here, and what it stands for.
    aliases: BTreeMap<String, Names>,
    globs: Vec<Names>,
    /// Every path written in it, apart from tests.
    paths: BTreeSet<Names>,
}

/// A crate as far as its text says.
pub(crate) struct Crate {
    modules: BTreeMap<Names, Module>,
}

impl Crate {
    /// Reads the modules from the first file on.
    pub(crate) fn read(first: &Path) -> Self {
        let mut this = Self {
            modules: BTreeMap::new(),
        };
        let folder = first.parent().expect("a folder").to_owned();
        this.read_file(first, &folder, Vec::new());
        this
    }

    fn read_file(&mut self, file: &Path, children: &Path, at: Names) {
        let text = std::fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).expect("Rust");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let name = file.strip_prefix(root).expect("of the workspace");
        self.add(&name.display().to_string(), children, at, &parsed.items);
    }

    fn add(&mut self, file: &str, children: &Path, at: Names, items: &[Item]) {
        let mut module = Module {
            file: file.to_owned(),
            ..Module::default()
        };
        for item in items {
            let Some(name) = name_of(item) else { continue };
            module.items.insert(name);
        }
        let mut reader = Reader {
            module: &mut module,
        };
        for item in items {
            reader.visit_item(item);
        }
        self.modules.insert(at.clone(), module);
        for item in items {
            let Item::Mod(child) = item else { continue };
            if !is_built(&child.attrs) {
                continue;
            }
            let name = child.ident.to_string();
            let below = children.join(&name);
            let mut path = at.clone();
            path.push(name.clone());
            match &child.content {
                Some((_, items)) => self.add(file, &below, path, items),
                None => {
                    let file = children.join(format!("{name}.rs"));
                    self.read_file(&file, &below, path);
                }
            }
        }
    }

    /// Which file uses which items of which other one.
    pub(crate) fn uses(&self) -> Uses {
        let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (at, module) in &self.modules {
            for path in &module.paths {
                if let Some((used, item)) = self.resolve(at, path, 0)
                    && used.file != module.file
                {
                    let pair = (module.file.clone(), used.file.clone());
                    found.entry(pair).or_default().insert(item);
                }
            }
        }
        let joined = |items: BTreeSet<String>| items.into_iter().collect::<Vec<_>>().join(", ");
        found
            .into_iter()
            .map(|(pair, items)| (pair, joined(items)))
            .collect()
    }

    /// The module that defines what a path stands for, and the item's name; none where that is in
    /// another crate.
    fn resolve(&self, at: &[String], path: &[String], depth: usize) -> Option<(&Module, String)> {
        // Names that bring each other in would otherwise never end.
        if depth > 20 {
            return None;
        }
        let mut here = at.to_vec();
        let mut is_first = true;
        let mut rest = path;
        while let Some((name, further)) = rest.split_first() {
            match name.as_str() {
                "crate" => here.clear(),
                "self" => {}
                "super" => drop(here.pop()?),
                name => {
                    let module = self.modules.get(&here)?;
                    let mut child = here.clone();
                    child.push(name.to_owned());
                    if self.modules.contains_key(&child) {
                        here = child;
                    } else if module.items.contains(name) {
                        return Some((module, name.to_owned()));
                    } else if let Some(target) = module.aliases.get(name) {
                        let full: Names = target.iter().chain(further).cloned().collect();
                        return (full != path || here != at)
                            .then(|| self.resolve(&here, &full, depth + 1))?;
                    } else if is_first && further.is_empty() {
                        return None;
                    } else {
                        let through = |glob: &Names| {
                            let full: Names = glob.iter().chain(rest).cloned().collect();
                            self.resolve(&here, &full, depth + 1)
                        };
                        return module.globs.iter().find_map(through);
                    }
                }
            }
            is_first = false;
            rest = further;
        }
        None
    }
}

/// False of what only tests or the documentation are built with.
fn is_built(attributes: &[Attribute]) -> bool {
    !attributes.iter().any(|attribute| {
        let mut is_other = false;
        if attribute.path().is_ident("cfg") {
            let conditions = attribute.parse_nested_meta(|meta| {
                is_other |= meta.path.is_ident("test") || meta.path.is_ident("doc");
                Ok(())
            });
            // A condition with a value is one of features or of the target.
            drop(conditions);
        }
        is_other
    })
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Collects the paths of one module.
struct Reader<'m> {
    module: &'m mut Module,
}

impl Reader<'_> {
    fn add_use(&mut self, before: &Names, tree: &UseTree) {
        let with = |name: String| {
            let mut path = before.clone();
            path.push(name);
            path
        };
        match tree {
            UseTree::Path(path) => self.add_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(before, tree);
                }
            }
            UseTree::Glob(_) => self.module.globs.push(before.clone()),
            UseTree::Name(name) if name.ident == "self" => {
                let name = before.last().expect("a module").clone();
                self.alias(name, before.clone());
            }
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.alias(name.clone(), with(name));
            }
            UseTree::Rename(rename) => {
                self.alias(rename.rename.to_string(), with(rename.ident.to_string()));
            }
        }
    }

    fn alias(&mut self, name: String, path: Names) {
        self.module.paths.insert(path.clone());
        self.module.aliases.insert(name, path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Use(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if is_built(attributes) {
            visit::visit_item(self, item);
        }
    }

    /// A module of its own.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add_use(&Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Names = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if names.len() > 1 && path.leading_colon.is_none() {
            self.module.paths.insert(names);
        }
        visit::visit_path(self, path);
    }
}
