//! Which profile a name means.

use crate::spelling;

/// Why a name leads to no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// Several profiles differ from the name in letter case only, or have the very same name.
    Ambiguous(Vec<String>),
    /// There is none; perhaps one of a similar name.
    Unknown(Option<String>),
}

/// The position of `name` among `names`: exactly, else the only one that differs in letter case.
///
/// A profile without a name has none here either.
///
/// # Errors
///
/// If there is none or more than one.
pub(super) fn position<'a>(
    names: impl Iterator<Item = Option<&'a str>> + Clone,
    name: &str,
) -> Result<usize, NameError> {
    let all = |same: &dyn Fn(&str) -> bool| -> Vec<(usize, &str)> {
        let named = names.clone().enumerate();
        named
            .filter_map(|(index, other)| {
                other.filter(|other| same(other)).map(|name| (index, name))
            })
            .collect()
    };
    let mut found = all(&|other| other == name);
    if found.is_empty() {
        found = all(&|other| other.eq_ignore_ascii_case(name));
    }
    match found[..] {
        [(index, _)] => Ok(index),
        [] => Err(NameError::Unknown(
            spelling::nearest(name, names.flatten()).map(str::to_owned),
        )),
        _ => {
            let names = found.iter().map(|(_, name)| (*name).to_owned());
            Err(NameError::Ambiguous(names.collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_exactly_then_by_letter_case() {
        let all = [
            Some("a"),
            None,
            Some("A"),
            Some("Graph"),
            Some("x"),
            Some("x"),
        ];
        let position = |name| position(all.into_iter(), name);
        assert_eq!(position("A"), Ok(2));
        assert_eq!(position("graph"), Ok(3));
        let unknown = |similar: Option<&str>| NameError::Unknown(similar.map(str::to_owned));
        assert_eq!(position("grahp"), Err(unknown(Some("Graph"))));
        assert_eq!(position("nothing-like-it"), Err(unknown(None)));
        let both = vec!["x".to_owned(), "x".to_owned()];
        assert_eq!(position("x"), Err(NameError::Ambiguous(both.clone())));
        assert_eq!(position("X"), Err(NameError::Ambiguous(both)));
    }
}
