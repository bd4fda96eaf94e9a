//! Which module may use which, read from one line of text.

use crate::source::{Source, Token};

/// The modules of a crate in layers; what is in one may use what is in those before it.
pub(crate) struct Layers {
    layers: Vec<Vec<String>>,
    beside: String,
    exceptions: Vec<String>,
    reexports: Vec<(String, String)>,
}

impl Layers {
    /// Reads `a b → c`; the module `beside` may use everything, and only `main` may name it.
    pub(crate) fn new(table: &str, beside: &str) -> Self {
        let words = |layer: &str| layer.split_whitespace().map(str::to_owned).collect();
        Self {
            layers: table.split('→').map(words).collect(),
            beside: beside.to_owned(),
            exceptions: Vec::new(),
            reexports: Vec::new(),
        }
    }

    /// Allows these uses, each written as `pkce uses ports`.
    pub(crate) fn with_exceptions(mut self, exceptions: &[&str]) -> Self {
        self.exceptions = exceptions.iter().map(|&use_| use_.to_owned()).collect();
        self
    }

    /// Reads what the crate's root re-exports, so that `crate::Error` counts as a use of `error`.
    pub(crate) fn with_root(mut self, root: &Source) -> Self {
        let texts: Vec<_> = root
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        for start in 0..texts.len() {
            if let ["pub", "use", rest @ ..] = &texts[start..] {
                let rest = rest.strip_prefix(&["crate", "::"]).unwrap_or(rest);
                let names = rest.iter().take_while(|&&text| text != ";");
                let names = names.filter(|text| text.starts_with(char::is_alphabetic));
                let module = rest.first().copied().unwrap_or_default();
                self.reexports.extend(
                    names
                        .skip(1)
                        .map(|name| (name.to_string(), module.to_owned())),
                );
            }
        }
        self
    }

    /// Every use of a module that is not to the left, as `cache/mod.rs:7: cache uses acquire`.
    pub(crate) fn violations(&self, source: &Source) -> Vec<String> {
        let module = source.module();
        let user = module[0];
        if user == self.beside {
            return Vec::new();
        }
        let Some(layer) = self.layer(user) else {
            return vec![format!("{}:1: {user} has no layer", source.path)];
        };
        uses(source)
            .into_iter()
            .map(|(line, name)| (line, self.module_of(name)))
            .filter(|(_, used)| *used != user && !self.allows(user, layer, used))
            .map(|(line, used)| (line, format!("{user} uses {used}")))
            .filter(|(_, violation)| !self.exceptions.contains(violation))
            .map(|(line, violation)| format!("{}:{line}: {violation}", source.path))
            .collect()
    }

    fn allows(&self, user: &str, layer: usize, used: &str) -> bool {
        if used == self.beside {
            return user == "main";
        }
        // A name that is no module is an item of the crate's root.
        let root = || self.layer("lib").is_some_and(|root| root <= layer);
        self.layer(used).map_or_else(root, |used| used < layer)
    }

    /// The module that a name in the crate's root comes from; a module is its own.
    fn module_of<'a>(&'a self, name: &'a str) -> &'a str {
        let is_module = self.layer(name).is_some();
        let reexport = self
            .reexports
            .iter()
            .find(|(item, _)| item == name && !is_module);
        reexport.map_or(name, |(_, module)| module)
    }

    fn layer(&self, module: &str) -> Option<usize> {
        self.layers
            .iter()
            .position(|layer| layer.iter().any(|name| name == module))
    }
}

/// The modules of this crate that the code names, with the line of each.
fn uses(source: &Source) -> Vec<(usize, &str)> {
    let tokens = &source.tokens;
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    // In the crate's root modules are named by `self`, elsewhere by `crate` or `super`s.
    let depth = match source.module().as_slice() {
        ["lib" | "main"] => 0,
        module => module.len(),
    };
    let mut uses = Vec::new();
    for start in 0..tokens.len() {
        let rooted = match text(start) {
            "crate" => Some(start + 1),
            "self" if depth == 0 && text(start + 1) == "::" => Some(start + 1),
            "super" if !(start > 1 && text(start - 2) == "super") => {
                let supers = (start..)
                    .step_by(2)
                    .take_while(|&at| text(at) == "super" && text(at + 1) == "::");
                let supers = supers.count();
                (supers == depth && depth > 0).then(|| start + 2 * supers - 1)
            }
            _ => None,
        };
        if let Some(colons) = rooted
            && text(colons) == "::"
        {
            collect(tokens, colons + 1, &mut uses);
        }
    }
    uses
}

/// The first names of the use tree at `start`: `a::b` has one, `{a::b, c}` two.
fn collect<'a>(tokens: &'a [Token], start: usize, uses: &mut Vec<(usize, &'a str)>) {
    let Some(first) = tokens.get(start) else {
        return;
    };
    if first.text != "{" {
        uses.push((first.line, &first.text));
        return;
    }
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," => {}
            _ if depth == 1 && matches!(tokens[at - 1].text.as_str(), "{" | ",") => {
                uses.push((token.line, &token.text));
            }
            _ => {}
        }
        if depth == 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Layers {
        let root = Source::new(
            "lib.rs",
            "pub mod token; pub use token::{Token, Time}; pub use crate::acquire::Source;",
        );
        Layers::new(TABLE, "os")
            .with_root(&root)
            .with_exceptions(&["token uses cache"])
    }

    const TABLE: &str = "secret → token → cache grant → acquire → lib → main";

    #[test]
    fn planted_violations_are_found() {
        let check = |path: &str, text: &str, want: &[&str]| {
            let violations = layers().violations(&Source::new(path, text));
            assert_eq!(violations, want, "{path}: {text}");
        };
        check(
            "cache/mod.rs",
            "\n\n\n\n\n\nuse crate::acquire::Source;",
            &["cache/mod.rs:7: cache uses acquire"],
        );
        check(
            "cache/key.rs",
            "use crate::grant::A;",
            &["cache/key.rs:1: cache uses grant"],
        );
        check(
            "cache.rs",
            "fn f() { crate::acquire::f() }",
            &["cache.rs:1: cache uses acquire"],
        );
        check(
            "cache.rs",
            "use super::acquire;",
            &["cache.rs:1: cache uses acquire"],
        );
        check(
            "cache/key.rs",
            "use super::super::acquire;",
            &["cache/key.rs:1: cache uses acquire"],
        );
        check(
            "cache.rs",
            "use crate::{token::{Token, acquire}, secret,\n acquire::A};",
            &["cache.rs:2: cache uses acquire"],
        );
        check(
            "secret.rs",
            "use crate::os::clock;",
            &["secret.rs:1: secret uses os"],
        );
        check("lib.rs", "use self::os::clock;", &["lib.rs:1: lib uses os"]);
        check(
            "secret.rs",
            "use crate::Root;",
            &["secret.rs:1: secret uses Root"],
        );
        check(
            "cache.rs",
            "use crate::Source;",
            &["cache.rs:1: cache uses acquire"],
        );
        check("novel.rs", "", &["novel.rs:1: novel has no layer"]);
    }

    #[test]
    fn uses_to_the_left_are_allowed() {
        let check = |path: &str, text: &str| {
            let violations = layers().violations(&Source::new(path, text));
            assert!(violations.is_empty(), "{path}: {violations:?}");
        };
        check(
            "cache/mod.rs",
            "use crate::token::Token; use crate::{secret::Secret};",
        );
        check(
            "cache/key.rs",
            "use super::document; use crate::cache::Key;",
        );
        check(
            "cache.rs",
            "// crate::acquire\n#[cfg(test)] mod tests { use crate::acquire; }",
        );
        check("os/clock.rs", "use crate::acquire; use crate::Root;");
        check("cache.rs", "use crate::{Time, Token};");
        check("token.rs", "use crate::cache::Key;");
        check("main.rs", "use crate::os::clock;");
        check(
            "lib.rs",
            "pub use crate::acquire::acquire; use crate::Root;",
        );
    }
}
