//! Import cycles between the files of a crate.
//!
//! A module and its own children count as one where others use them: what a folder's files import
//! of each other is judged inside the folder, what they import from elsewhere outside of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, Token};

/// The modules of one crate, and which of them name which.
pub(crate) struct Imports {
    /// Per module, the names its `use` declarations bring into it, with what they stand for.
    names: BTreeMap<Path, BTreeMap<String, Path>>,
    edges: BTreeSet<(Path, Path)>,
}

/// Module names from the crate's root on; the root itself is empty.
type Path = Vec<String>;

impl Imports {
    /// Reads the imports of all files of a crate.
    pub(crate) fn of(sources: &[Source]) -> Self {
        let mut imports = Self {
            names: BTreeMap::new(),
            edges: BTreeSet::new(),
        };
        for source in sources {
            imports.names.entry(module(source)).or_default();
        }
        for source in sources {
            imports.collect_names(source);
        }
        for source in sources {
            let from = module(source);
            for path in paths(&source.tokens, &from) {
                let to = imports.resolve(&path, 0);
                imports.edges.insert((from.clone(), to));
            }
        }
        imports
    }

    /// Every ring, as the folder it is in (empty for the crate's root) and its sorted members.
    pub(crate) fn rings(&self) -> Vec<(String, Vec<String>)> {
        let mut levels: BTreeMap<Path, BTreeSet<(String, String)>> = BTreeMap::new();
        for (from, to) in &self.edges {
            let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
            // A module and its own children are one.
            if let (Some(user), Some(used)) = (from.get(shared), to.get(shared)) {
                levels
                    .entry(from[..shared].to_vec())
                    .or_default()
                    .insert((user.clone(), used.clone()));
            }
        }
        let mut found = Vec::new();
        for (folder, edges) in levels {
            for ring in rings(&edges) {
                found.push((folder.join("/"), ring));
            }
        }
        found
    }

    /// Notes what `use` declarations name, for paths that lead through them.
    fn collect_names(&mut self, source: &Source) {
        let from = module(source);
        let tokens = &source.tokens;
        for start in 0..tokens.len() {
            if tokens[start].text != "use" {
                continue;
            }
            let mut leaves = Vec::new();
            tree(tokens, start + 1, &[], &mut leaves);
            for (leaf, name) in leaves {
                let Some(path) = self.absolute(&leaf, &from) else {
                    continue;
                };
                let names = self.names.entry(from.clone()).or_default();
                names.insert(name, path);
            }
        }
    }

    /// What a path means in `from`; nothing if it starts in another crate.
    fn absolute(&self, path: &[String], from: &Path) -> Option<Path> {
        let child = [from.as_slice(), &path[..1]].concat();
        if self.names.contains_key(&child) {
            return Some([from.as_slice(), path].concat());
        }
        rooted(path, from)
    }

    /// The module that a path leads to: re-exports are followed, items dropped.
    fn resolve(&self, path: &[String], depth: usize) -> Path {
        let mut module = Path::new();
        for (at, name) in path.iter().enumerate() {
            let child = [module.as_slice(), std::slice::from_ref(name)].concat();
            if self.names.contains_key(&child) {
                module = child;
                continue;
            }
            let meaning = self.names.get(&module).and_then(|names| names.get(name));
            if let Some(meaning) = meaning
                && depth < MOST_REEXPORTS
            {
                let rest = [meaning.as_slice(), &path[at + 1..]].concat();
                return self.resolve(&rest, depth + 1);
            }
            break;
        }
        module
    }
}

/// `lib` and `main` are the root.
fn module(source: &Source) -> Path {
    match source.module().as_slice() {
        ["lib" | "main"] => Vec::new(),
        module => module.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// All paths of the code that begin with `crate`, `self` or `super`, from the root.
fn paths(tokens: &[Token], from: &Path) -> Vec<Path> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for start in 0..tokens.len() {
        let begins = matches!(text(start), "crate" | "self" | "super")
            && text(start + 1) == "::"
            && (start == 0 || text(start - 1) != "::");
        if begins {
            let mut leaves = Vec::new();
            tree(tokens, start, &[], &mut leaves);
            let leaves = leaves.iter();
            found.extend(leaves.filter_map(|(leaf, _)| rooted(leaf, from)));
        }
    }
    found
}

/// A path that begins with `crate`, `self` or `super`, from the root.
fn rooted(path: &[String], from: &Path) -> Option<Path> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([from.as_slice(), rest].concat()),
        "super" => {
            let supers = path.iter().take_while(|name| *name == "super").count();
            let above = from.get(..from.len().checked_sub(supers)?)?;
            Some([above, &path[supers..]].concat())
        }
        _ => None,
    }
}

/// The leaves of the use tree at `start`, each with the name it has afterwards; where it ends.
fn tree(
    tokens: &[Token],
    start: usize,
    prefix: &[String],
    leaves: &mut Vec<(Path, String)>,
) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut path = prefix.to_vec();
    let mut at = start;
    loop {
        match text(at) {
            "{" => {
                at += 1;
                while !matches!(text(at), "}" | "") {
                    at = tree(tokens, at, &path, leaves);
                    at += usize::from(text(at) == ",");
                }
                return at + 1;
            }
            "self" if !path.is_empty() => {}
            name => path.push(name.to_owned()),
        }
        at += 1;
        if text(at) != "::" {
            break;
        }
        at += 1;
    }
    let mut name = path.last().cloned().unwrap_or_default();
    if text(at) == "as" {
        text(at + 1).clone_into(&mut name);
        at += 2;
    }
    leaves.push((path, name));
    at
}

/// The sets of more than one name that reach each other.
fn rings(edges: &BTreeSet<(String, String)>) -> Vec<Vec<String>> {
    let names: BTreeSet<&String> = edges.iter().map(|(user, _)| user).collect();
    let reach: BTreeMap<_, _> = names
        .iter()
        .map(|name| (*name, reached(name, edges)))
        .collect();
    let ring = |name: &String| -> Vec<String> {
        let around = reach[name].iter().filter(|other| {
            let back = reach.get(*other);
            back.is_some_and(|back| back.contains(name))
        });
        around.map(|&other| other.clone()).collect()
    };
    let rings: BTreeSet<Vec<String>> = names.iter().map(|name| ring(name)).collect();
    rings.into_iter().filter(|ring| ring.len() > 1).collect()
}

/// The names that `start` leads to.
fn reached<'a>(start: &str, edges: &'a BTreeSet<(String, String)>) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(from) = open.pop() {
        for (_, used) in edges.iter().filter(|(user, _)| user == from) {
            if reached.insert(used) {
                open.push(used);
            }
        }
    }
    reached
}

/// What differs between the rings found and those known: `crate folder: members` each.
///
/// A ring may only lose members, and a member that is in no ring any more has to leave the list.
pub(crate) fn differences(found: &[(String, Vec<String>)], known: &[(&str, &str)]) -> Vec<String> {
    let mut violations = Vec::new();
    for (folder, members) in found {
        let is_known = known.iter().any(|(place, list)| {
            let list: Vec<_> = list.split_whitespace().collect();
            place == folder && members.iter().all(|name| list.contains(&name.as_str()))
        });
        if !is_known {
            violations.push(format!("{folder}: import cycle: {}", members.join(" ")));
        }
    }
    for (place, list) in known {
        let gone: Vec<_> = list
            .split_whitespace()
            .filter(|name| {
                let mut rings = found.iter().filter(|(folder, _)| folder == place);
                !rings.any(|(_, members)| members.iter().any(|member| member == name))
            })
            .collect();
        if !gone.is_empty() {
            violations.push(format!(
                "{place}: in no cycle any more, take out of the list: {}",
                gone.join(" ")
            ));
        }
    }
    violations
}

const MOST_REEXPORTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], want: &[(&str, &str)]) {
        let sources: Vec<_> = files
            .iter()
            .map(|(path, text)| Source::new(path, text))
            .collect();
        let found: Vec<_> = Imports::of(&sources)
            .rings()
            .into_iter()
            .map(|(folder, members)| (folder, members.join(" ")))
            .collect();
        let want: Vec<_> = want
            .iter()
            .map(|(folder, members)| (folder.to_string(), members.to_string()))
            .collect();
        assert_eq!(found, want, "{files:?}");
    }

    #[test]
    fn planted_cycles_are_found() {
        check(
            &[
                ("a.rs", "use crate::b::B;"),
                ("b.rs", "fn f() { crate::a::f() }"),
            ],
            &[("", "a b")],
        );
        check(
            &[
                ("a.rs", "use super::b;"),
                ("b.rs", "use crate::{c::C, d};"),
                ("c.rs", "use crate::a;"),
            ],
            &[("", "a b c")],
        );
        // Inside a folder, and through a re-export of the folder's own module.
        check(
            &[
                ("a/mod.rs", "mod b; mod c; pub use b::B;"),
                ("a/b.rs", "use super::c::C;"),
                ("a/c.rs", "use super::B;"),
            ],
            &[("a", "b c")],
        );
        // Two folders that use each other, though no two of their files do.
        check(
            &[
                ("lib.rs", "pub use b::y::Y as Z;"),
                ("a/mod.rs", "mod x; mod w;"),
                ("a/x.rs", "use crate::Z;"),
                ("a/w.rs", ""),
                ("b/mod.rs", "pub mod y; mod z;"),
                ("b/y.rs", ""),
                ("b/z.rs", "use crate::a::w::{self, W};"),
            ],
            &[("", "a b")],
        );
    }

    #[test]
    fn a_module_and_its_children_are_one() {
        check(
            &[
                ("lib.rs", "mod a; use a::b::B;"),
                ("a/mod.rs", "mod b; use self::b::B; pub const C: u8 = 1;"),
                ("a/b.rs", "use super::C; use crate::Root;"),
            ],
            &[],
        );
        check(
            &[
                ("a.rs", "use crate::b;"),
                ("b.rs", "#[cfg(test)] mod tests { use crate::a; }"),
            ],
            &[],
        );
    }

    #[test]
    fn the_list_of_known_rings_may_only_shrink() {
        let found = [("c x".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
        assert!(differences(&found, &[("c x", "a b")]).is_empty());
        assert_eq!(differences(&found, &[]), ["c x: import cycle: a b"]);
        assert_eq!(
            differences(&found, &[("c x", "a b d"), ("c", "y z")]),
            [
                "c x: in no cycle any more, take out of the list: d",
                "c: in no cycle any more, take out of the list: y z",
            ]
        );
    }
}
