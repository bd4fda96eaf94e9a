//! The SBOM in CycloneDX 1.5: what the program is made of.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use super::contents::Contents;
use super::crates::{Crate, Key};
use super::notices::libdbus;
use super::release::Release;
use super::sums;

/// Writes the bill into `folder` and gives its path.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(
    release: &Release,
    crates: &[Crate],
    contents: &Contents,
    folder: &Path,
) -> Result<PathBuf, String> {
    let path = folder.join(format!("{}.cdx.json", release.name()));
    let bill = bill(release, crates, &sums::of(&contents.program))?;
    let text = serde_json::to_string_pretty(&bill).map_err(|error| error.to_string())?;
    fs::write(&path, format!("{text}\n"))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// <https://cyclonedx.org/docs/1.5/json/>
fn bill(release: &Release, crates: &[Crate], program: &str) -> Result<Value, String> {
    let time = release.time.format(&Rfc3339).map_err(|e| e.to_string())?;
    let (roots, others): (Vec<_>, Vec<_>) =
        crates.iter().partition(|crate_| crate_.name == "entratool");
    let root = roots.first().ok_or("the command is no part of its build")?;
    let mut subject = component(root);
    subject["type"] = json!("application");
    subject["hashes"] = hash(program);
    let mut components: Vec<Value> = others.into_iter().map(component).collect();
    let mut dependencies: Vec<Value> = crates.iter().map(dependency).collect();
    for foreign in foreign(release, crates)? {
        dependencies.push(json!({ "ref": foreign.value["bom-ref"] }));
        if let Some(user) = dependencies
            .iter_mut()
            .find(|d| d["ref"] == foreign.used_by)
            && let Some(used) = user["dependsOn"].as_array_mut()
        {
            used.push(foreign.value["bom-ref"].clone());
        }
        components.push(foreign.value);
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": serial_number(program),
        "version": 1,
        "metadata": {
            "timestamp": time,
            "component": subject,
            "properties": [
                { "name": "cdx:rustc:sbom:target:triple", "value": release.target },
            ],
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn component(crate_: &Crate) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(&crate_.key()),
        "name": crate_.name,
        "version": crate_.version,
        "scope": if crate_.linked { "required" } else { "excluded" },
        "licenses": [{ "expression": crate_.licence }],
    });
    if let Some(checksum) = &crate_.checksum {
        component["hashes"] = hash(checksum);
        component["purl"] = json!(reference(&crate_.key()));
    }
    if let Some(repository) = &crate_.repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

fn dependency(crate_: &Crate) -> Value {
    let used: Vec<_> = crate_.uses.iter().map(reference).collect();
    json!({ "ref": reference(&crate_.key()), "dependsOn": used })
}

/// Something that is no crate, and the reference of the crate that brings it.
struct Foreign {
    value: Value,
    used_by: String,
}

/// What is linked in and no crate: libdbus where it is, and Rust's standard library.
fn foreign(release: &Release, crates: &[Crate]) -> Result<Vec<Foreign>, String> {
    let value = |name: &str, version: &str, licence: &str| {
        let purl = format!("pkg:generic/{name}@{version}");
        json!({
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": version,
            "scope": "required",
            "licenses": [{ "expression": licence }],
            "purl": purl,
        })
    };
    let mut all = Vec::new();
    let compiler = release.compiler.split(' ').nth(1).unwrap_or_default();
    for crate_ in crates.iter().filter(|crate_| crate_.linked) {
        if crate_.name == "entratool" {
            all.push(Foreign {
                value: value("rust-std", compiler, "MIT OR Apache-2.0"),
                used_by: reference(&crate_.key()),
            });
        }
        if let Some(libdbus) = libdbus(crate_)? {
            all.push(Foreign {
                value: value("libdbus", &libdbus.version, "AFL-2.1 OR GPL-2.0-or-later"),
                used_by: reference(&crate_.key()),
            });
        }
    }
    Ok(all)
}

/// <https://github.com/package-url/purl-spec>
fn reference((name, version): &Key) -> String {
    format!("pkg:cargo/{name}@{version}")
}

fn hash(sha256: &str) -> Value {
    let mut hash = Map::new();
    hash.insert("alg".to_owned(), json!("SHA-256"));
    hash.insert("content".to_owned(), json!(sha256));
    json!([hash])
}

/// A UUID of version 8 (RFC 9562 §5.8) that is the program's own.
fn serial_number(program: &str) -> String {
    let digits = |range| program.get(range).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        digits(0..8),
        digits(8..12),
        digits(12..15),
        digits(15..18),
        digits(18..30)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crate_(name: &str, checksum: Option<&str>, linked: bool, uses: &[&str]) -> Crate {
        let key = |name: &str| (name.to_owned(), "1.0.0".to_owned());
        Crate {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: "MIT".to_owned(),
            authors: Vec::new(),
            repository: None,
            checksum: checksum.map(str::to_owned),
            folder: PathBuf::new(),
            linked,
            uses: uses.iter().map(|name| key(name)).collect(),
        }
    }

    #[test]
    fn a_bill_names_what_is_in_the_program_and_what_helped_to_build_it() {
        let crates = [
            crate_("entratool", None, true, &["linked", "helper"]),
            crate_("linked", Some("01"), true, &[]),
            crate_("helper", Some("02"), false, &[]),
        ];
        let program = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let bill = bill(&Release::example(), &crates, program).unwrap();
        assert_eq!(
            bill["serialNumber"],
            "urn:uuid:01234567-89ab-8cde-8f01-23456789abcd"
        );
        assert_eq!(
            bill["metadata"]["component"]["hashes"][0]["content"],
            program
        );
        let seen: Vec<_> = bill["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|component| {
                let text = |name: &str| component[name].as_str().unwrap_or_default();
                [text("purl"), text("scope")]
            })
            .collect();
        let want = [
            ["pkg:cargo/linked@1.0.0", "required"],
            ["pkg:cargo/helper@1.0.0", "excluded"],
            ["pkg:generic/rust-std@1.95.0", "required"],
        ];
        assert_eq!(seen, want);
        let used = &bill["dependencies"][0]["dependsOn"];
        let want = [
            "pkg:cargo/linked@1.0.0",
            "pkg:cargo/helper@1.0.0",
            "pkg:generic/rust-std@1.95.0",
        ];
        assert_eq!(used, &json!(want));
    }
}
