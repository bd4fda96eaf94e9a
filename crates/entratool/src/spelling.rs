//! Slips of the fingers: what was probably meant by a name that does not exist.

/// The nearest of `names`, whatever its letter case, if no more than half of it differs.
#[must_use]
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    names
        .into_iter()
        .map(|other| (distance(&name, &other.to_ascii_lowercase()), other))
        .filter(|(distance, other)| *distance <= (other.len() / 2).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many insertions, deletions, replacements and swaps of neighbours make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let letters = |text: &str| text.chars().take(64).collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (last[j] + usize::from(a != b))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_slips_of_the_fingers() {
        let check = |a, b, want| assert_eq!(distance(a, b), want, "{a} {b}");
        check("", "", 0);
        check("abc", "", 3);
        check("kitten", "sitting", 3);
        check("graph", "grahp", 1);
        check("first", "frist", 1);
        check("ab", "ba", 1);
        check("abc", "cab", 2);
        check("", "ab", 2);
    }

    #[test]
    fn the_nearest_is_near() {
        let check = |name, want: Option<&str>| {
            let names = ["Client Secret", "Scope", "Done"];
            assert_eq!(nearest(name, names), want, "{name}");
        };
        check("clent secret", Some("Client Secret"));
        check("scpoe", Some("Scope"));
        check("password", None);
        check("", None);
    }
}
