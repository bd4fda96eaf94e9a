//! Files of other tools that hold no service principal, and what can be made of them.

use entra::authority::Address;
use entra::client::ClientId;
use entra::cloud::Cloud;
use serde_json::{Map, Value};

use super::assignments;
use super::json;
use crate::paste::CommandLine;

/// A file that is known and cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherFile {
    /// What it is.
    pub kind: &'static str,
    /// What to do instead.
    pub advice: String,
}

/// What `text` is, if it is a file of another tool without a service principal; `name` is the
/// profile's, if that is known.
#[must_use]
pub fn recognize(text: &str, name: Option<&str>) -> Option<OtherFile> {
    let mut line = CreateLine::new(name);
    let kind = match json::value(text) {
        Some(Value::Object(members)) => of_json(&members, &mut line)?,
        Some(Value::Array(list)) => subscription(&list, &mut line)?,
        Some(_) => return None,
        None if text.trim_start().starts_with("-----BEGIN") => {
            let certificate = "a certificate or key";
            line.add("--certificate", "FILE");
            certificate
        }
        None => kubeconfig(text, &mut line).or_else(|| azureauth(text, &mut line))?,
    };
    let mut advice = format!("create a profile with `{}`", line.text());
    if kind == TOKEN_CACHE {
        let import = CommandLine::new("cache import").option("-p", name.unwrap_or("NAME"));
        advice.push_str(&format!(
            ", then import the tokens with `{}`",
            import.with("--msal FILE")
        ));
    }
    Some(OtherFile { kind, advice })
}

fn of_json(members: &Map<String, Value>, line: &mut CreateLine) -> Option<&'static str> {
    let text = |name: &str| member(members, name).and_then(Value::as_str);
    if let Some(subscriptions) = member(members, "subscriptions").and_then(Value::as_array) {
        return subscription(subscriptions, line);
    }
    if members.contains_key("environmentName") {
        return subscription(&[Value::Object(members.clone())], line);
    }
    let is_cache = [
        "AccessToken",
        "RefreshToken",
        "Account",
        "IdToken",
        "AppMetadata",
    ]
    .iter()
    .filter(|name| members.get(**name).is_some_and(Value::is_object));
    if is_cache.count() >= 2 {
        let first = |kind: &str| members.get(kind)?.as_object()?.values().next();
        let entry = first("AccessToken")
            .or_else(|| first("RefreshToken"))
            .or_else(|| first("AppMetadata"));
        let entry = |name: &str| entry.and_then(|entry| entry.get(name)?.as_str());
        line.client_id(entry("client_id"));
        line.tenant(
            entry("realm")
                .or_else(|| first("Account").and_then(|account| account.get("realm")?.as_str())),
        );
        line.authority(entry("environment"));
        return Some(TOKEN_CACHE);
    }
    let settings = members.iter().find_map(|(name, value)| {
        let known = SETTINGS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        let settings = value.as_object().filter(|_| known)?;
        member(settings, "ClientId").map(|_| settings)
    });
    if let Some(settings) = settings {
        let text = |name: &str| member(settings, name).and_then(Value::as_str);
        line.client_id(text("ClientId"));
        line.tenant(text("TenantId").or_else(|| text("Domain")));
        line.authority(text("Instance").or_else(|| text("Authority")));
        line.secret(text("ClientSecret").is_some());
        return Some("an application's settings");
    }
    let is_msal = member(members, "authority").is_some_and(Value::is_string)
        && members.contains_key("client_id")
        && member(members, "tenant").is_none()
        && member(members, "tenantId").is_none();
    if is_msal {
        line.client_id(text("client_id"));
        let authority = text("authority");
        let address = authority.and_then(|text| Address::parse(text).ok());
        line.tenant(
            address
                .as_ref()
                .and_then(Address::tenant)
                .map(|tenant| tenant.as_str()),
        );
        line.authority(address.as_ref().map(Address::base));
        let scopes = match member(members, "scope").or_else(|| member(members, "scopes")) {
            Some(Value::String(scope)) => Some(scope.clone()),
            Some(Value::Array(list)) => {
                let list: Vec<_> = list.iter().filter_map(Value::as_str).take(20).collect();
                Some(list.join(" "))
            }
            _ => None,
        };
        if let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) {
            line.add("--scope", &scopes);
        }
        line.secret(
            ["secret", "client_secret", "client_credential"]
                .iter()
                .any(|name| text(name).is_some()),
        );
        if let Some(key) = text("private_key_file") {
            line.add("--certificate", key);
        }
        return Some("the parameters of an MSAL sample");
    }
    (text("kind") == Some("Config") && members.contains_key("clusters"))
        .then(|| kubernetes(&Value::Object(members.clone()).to_string(), line))
}

/// `azureProfile.json`, and what `az account list` and `show` print.
fn subscription(list: &[Value], line: &mut CreateLine) -> Option<&'static str> {
    let is_default = |one: &&Value| one.get("isDefault") == Some(&Value::Bool(true));
    let one = list.iter().find(is_default).or_else(|| list.first())?;
    let user = one.get("user")?;
    let is_application = user.get("type").and_then(Value::as_str) == Some("servicePrincipal");
    let name = user.get("name").and_then(Value::as_str);
    line.client_id(name.filter(|_| is_application));
    line.tenant(one.get("tenantId")?.as_str());
    line.authority(one.get("environmentName").and_then(Value::as_str));
    Some("the Azure CLI's list of subscriptions, which holds no credential")
}

/// A member, whatever its letter case.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut members = members.iter();
    members
        .find(|(member, _)| member.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn kubeconfig(text: &str, line: &mut CreateLine) -> Option<&'static str> {
    let has = |start: &str| text.lines().any(|line| line.trim_end() == start);
    let is_one = has("kind: Config") && text.contains("clusters:");
    is_one.then(|| kubernetes(text, line))
}

/// The arguments of kubelogin, or the settings of the provider that kubectl once had built in.
fn kubernetes(text: &str, line: &mut CreateLine) -> &'static str {
    let quotes = |c: char| "\"',[]{}:".contains(c);
    let mut words = text
        .split(|c: char| c.is_whitespace() || c == ',' || c == '=')
        .map(|word| word.trim_matches(quotes))
        .filter(|word| !word.is_empty() && *word != "-");
    let (mut client, mut tenant, mut server) = (None, None, None);
    while let Some(word) = words.next() {
        let place = match word.trim_start_matches('-') {
            "client-id" => &mut client,
            "tenant-id" => &mut tenant,
            "server-id" | "apiserver-id" => &mut server,
            _ => continue,
        };
        *place = place.or_else(|| words.next());
    }
    line.client_id(client);
    line.tenant(tenant);
    if let Some(server) = server.filter(|id| ClientId::parse(id).is_ok()) {
        line.add("--scope", &format!("{server}/.default"));
    }
    "a kubeconfig"
}

/// The configuration of Microsoft's `azureauth`.
fn azureauth(text: &str, line: &mut CreateLine) -> Option<&'static str> {
    let sections = assignments::sections(text);
    let section = sections.iter().find(|section| {
        ["client", "tenant"]
            .iter()
            .all(|name| section.get(name).is_some())
    })?;
    line.client_id(section.get("client"));
    line.tenant(section.get("tenant"));
    if let Some(resource) = section.get("resource") {
        line.add(
            "--scope",
            &format!("{}/.default", resource.trim_end_matches('/')),
        );
    }
    Some("a configuration of azureauth")
}

/// `entratool config create` with what is known.
struct CreateLine(CommandLine);

impl CreateLine {
    fn new(name: Option<&str>) -> Self {
        let mut line = Self(CommandLine::new("config create"));
        line.add("--name", name.unwrap_or("NAME"));
        line
    }

    fn add(&mut self, option: &'static str, value: &str) {
        let shown: String = value.chars().take(500).collect();
        self.0 = self.0.clone().option(option, shown);
    }

    /// What is no client ID may be anything, a secret too.
    fn client_id(&mut self, id: Option<&str>) {
        let id = id.and_then(|id| ClientId::parse(id).ok());
        self.add(
            "--client-id",
            id.as_ref().map_or("CLIENT-ID", ClientId::as_str),
        );
    }

    fn tenant(&mut self, tenant: Option<&str>) {
        let tenant = tenant.and_then(|tenant| entra::Tenant::parse(tenant).ok());
        self.add(
            "--tenant-id",
            tenant.as_ref().map_or("TENANT", entra::Tenant::as_str),
        );
    }

    fn authority(&mut self, authority: Option<&str>) {
        let address = authority.and_then(|text| Address::parse(text).ok());
        match address
            .as_ref()
            .map(|address| (address.cloud(), address.base()))
        {
            None | Some((Some(Cloud::Public), _)) => {}
            Some((Some(cloud), _)) => self.add("--authority", cloud.name()),
            Some((None, base)) => self.add("--authority", base),
        }
    }

    fn secret(&mut self, is_there: bool) {
        if is_there {
            self.0 = self.0.clone().with("--client-secret-stdin");
        }
    }

    fn text(&self) -> String {
        self.0.to_string()
    }
}

const TOKEN_CACHE: &str = "a token cache";
/// The sections of `appsettings.json` that Microsoft's libraries read.
const SETTINGS: [&str; 6] = [
    "AzureAd",
    "AzureAdB2C",
    "EntraId",
    "MicrosoftEntraId",
    "AzureActiveDirectory",
    "Authentication",
];
