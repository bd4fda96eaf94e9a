//! A map that never grows beyond its capacity: the oldest entry makes room for the newest.

use std::collections::{HashMap, VecDeque};

/// What the emulator remembers under codes and tokens, in memory that stays flat.
#[derive(Debug)]
pub(crate) struct Bounded<T> {
    entries: HashMap<String, T>,
    order: VecDeque<String>,
    capacity: usize,
}

impl<T> Bounded<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            capacity,
        }
    }

    /// Adds an entry under a key that was not used before.
    pub(crate) fn insert(&mut self, key: String, value: T) {
        if self.order.len() == self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&T> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.entries.get_mut(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &T)> {
        self.entries.iter()
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.entries.values_mut()
    }

    /// Forgets the entries that `keep` does not want, such as expired ones.
    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.entries.retain(|_, value| keep(value));
        self.order.retain(|key| self.entries.contains_key(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let mut bounded = Bounded::new(2);
        for key in ["a", "b", "c"] {
            bounded.insert(key.to_owned(), key);
        }
        assert_eq!(bounded.get("a"), None);
        assert_eq!(bounded.get("b"), Some(&"b"));
        bounded.retain(|value| *value == "c");
        bounded.insert("d".to_owned(), "d");
        assert_eq!(bounded.get("c"), Some(&"c"));
        assert_eq!(bounded.get("b"), None);
    }
}
