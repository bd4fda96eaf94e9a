//! The schema in `docs/error.schema.json`, and a validator for as much of JSON Schema as it uses.

use std::collections::BTreeMap;

use serde_json::Value;

/// The schema of error objects.
fn of_errors() -> Value {
    let text = include_str!("../../../../../docs/error.schema.json");
    serde_json::from_str(text).unwrap()
}

/// Every error object in the output of a command that ended with `exit` has to be as the schema says.
#[track_caller]
pub(crate) fn check_errors(stderr: &str, exit: u8) {
    let objects = stderr
        .lines()
        .filter(|line| line.starts_with(r#"{"error":"#));
    for object in objects {
        let object: Value = serde_json::from_str(object).unwrap();
        assert_eq!(problems(&of_errors(), &object, ""), [""; 0], "{object}");
        let kind = object["error"]["kind"].as_str().unwrap();
        assert_eq!(exits()[kind], exit, "{object}");
    }
}

/// The exit code of each kind of error in the schema.
pub(crate) fn exits() -> BTreeMap<String, u8> {
    let schema = of_errors();
    let groups = &schema["properties"]["error"]["properties"]["kind"]["oneOf"];
    let mut exits = BTreeMap::new();
    for group in groups.as_array().unwrap() {
        let title = group["title"].as_str().unwrap();
        let exit: u8 = title.strip_prefix("exit code ").unwrap().parse().unwrap();
        for kind in group["enum"].as_array().unwrap() {
            let before = exits.insert(kind.as_str().unwrap().to_owned(), exit);
            assert_eq!(before, None, "{kind} is there twice");
        }
    }
    exits
}

/// What is wrong with `value`; panics at a keyword that it does not know.
///
/// `pattern` is left to the witness that reads the schema with a validator by other people.
fn problems(schema: &Value, value: &Value, place: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let problem = |holds: bool| (!holds).then(|| format!("{place}: {keyword}"));
        match keyword.as_str() {
            "$schema" | "title" | "description" | "pattern" => {}
            "type" => problems.extend(problem(match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "string" => value.is_string(),
                other => panic!("type {other}"),
            })),
            "enum" => problems.extend(problem(rule.as_array().unwrap().contains(value))),
            "minLength" => {
                let length = value.as_str().map_or(0, |text| text.chars().count());
                problems.extend(problem(length as u64 >= rule.as_u64().unwrap()));
            }
            "oneOf" => {
                let fits = |rule: &&Value| self::problems(rule, value, place).is_empty();
                let count = rule.as_array().unwrap().iter().filter(fits).count();
                problems.extend(problem(count == 1));
            }
            "required" => {
                let is_there = |name: &Value| value.get(name.as_str().unwrap()).is_some();
                problems.extend(problem(rule.as_array().unwrap().iter().all(is_there)));
            }
            "additionalProperties" => {
                assert_eq!(*rule, false);
                let known = &schema["properties"];
                let names = value.as_object().into_iter().flat_map(|value| value.keys());
                problems.extend(problem(
                    names.into_iter().all(|name| known.get(name).is_some()),
                ));
            }
            "properties" => {
                for (name, rule) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        problems.extend(self::problems(rule, value, &format!("{place}/{name}")));
                    }
                }
            }
            other => panic!("the keyword {other} is not known here"),
        }
    }
    problems
}
