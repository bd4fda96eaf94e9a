//! A browser: opened by the command, used on another thread, without scripts.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use entra::ports::{Body, Http, Peer, Request, Response};
use entra::secret::Secret;
use entra::wire::Form;
use entra_emulator::demo;
use entratool::file::{NamedBy, NamedFile};
use entratool::os::http::Https;
use entratool::world::HttpSettings;

/// The browser of one host. Unless a user is set, opening it fails the test.
#[derive(Clone)]
pub(crate) struct Browser(Arc<Shared>);

struct Shared {
    certificates: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    use_of_it: Use,
    opened: Vec<String>,
    /// Ports as URLs have them, and where they really are.
    ports: HashMap<u16, u16>,
    busy: Vec<JoinHandle<()>>,
    pages: Vec<Page>,
}

#[derive(Clone, Default)]
enum Use {
    #[default]
    Forbidden,
    Broken,
    Ignored,
    User(Arc<BrowserUser>),
}

/// What the user does with a new tab and the URL that was to be opened.
type BrowserUser = dyn Fn(&Tab, &str) + Send + Sync;

/// An open tab with its cookies.
pub(crate) struct Tab {
    browser: Browser,
    client: Https,
    cookie: Mutex<String>,
}

/// What a tab shows.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) text: String,
    location: Option<String>,
    cookie: Option<String>,
}

impl Browser {
    pub(super) fn new(certificates: &Path) -> Self {
        Self(Arc::new(Shared {
            certificates: certificates.to_owned(),
            state: Mutex::default(),
        }))
    }

    /// From now on opening the browser fails the test.
    pub(crate) fn forbid(&self) {
        self.state(|state| state.use_of_it = Use::Forbidden);
    }

    /// From now on the browser cannot be started.
    pub(crate) fn break_it(&self) {
        self.state(|state| state.use_of_it = Use::Broken);
    }

    /// From now on the browser has no user.
    pub(crate) fn ignore(&self) {
        self.state(|state| state.use_of_it = Use::Ignored);
    }

    pub(super) fn user(&self, user: impl Fn(&Tab, &str) + Send + Sync + 'static) {
        self.state(|state| state.use_of_it = Use::User(Arc::new(user)));
    }

    /// The URLs that were opened since the last look.
    pub(crate) fn opened(&self) -> Vec<String> {
        self.state(|state| std::mem::take(&mut state.opened))
    }

    /// The page on which the user ended.
    pub(crate) fn last_page(&self) -> Page {
        self.state(|state| state.pages.last().cloned().expect("a page was seen"))
    }

    pub(super) fn route(&self, port: u16, real: u16) {
        self.state(|state| state.ports.insert(port, real));
    }

    /// The command goes on while the user signs in.
    pub(super) fn open(&self, url: &str) -> io::Result<()> {
        let use_of_it = self.state(|state| {
            state.opened.push(url.to_owned());
            state.use_of_it.clone()
        });
        match use_of_it {
            Use::Forbidden => panic!("no browser may be opened here: {url}"),
            Use::Broken => Err(io::ErrorKind::NotFound.into()),
            Use::Ignored => Ok(()),
            Use::User(user) => {
                let (browser, url) = (self.clone(), url.to_owned());
                let thread = std::thread::spawn(move || user(&browser.tab(), &url));
                self.state(|state| state.busy.push(thread));
                Ok(())
            }
        }
    }

    /// Whether a sign-in is going on.
    pub(super) fn is_busy(&self) -> bool {
        self.state(|state| state.busy.iter().any(|thread| !thread.is_finished()))
    }

    /// Waits until the user is done; a failure there fails the test.
    pub(super) fn close(&self) {
        for thread in self.state(|state| std::mem::take(&mut state.busy)) {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }

    /// A new tab, for a user who types an address.
    pub(crate) fn tab(&self) -> Tab {
        Tab {
            browser: self.clone(),
            client: Https::new(HttpSettings {
                ca_bundles: vec![NamedFile {
                    path: self.0.certificates.clone(),
                    named_by: NamedBy::User,
                }],
                ..HttpSettings::default()
            }),
            cookie: Mutex::default(),
        }
    }

    fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.state.lock().unwrap())
    }
}

impl Tab {
    /// Signs Alice in, accepts, and goes back to the application.
    pub(crate) fn sign_in(&self, url: &str) -> Page {
        self.sign_in_as(url, demo::USERNAME, demo::PASSWORD)
    }

    /// Signs an account in, accepts, and goes back to the application.
    pub(crate) fn sign_in_as(&self, url: &str, username: &str, password: &str) -> Page {
        let mut page = self.get(url);
        if page.text.contains("/signin\"") {
            let who = [("username", username), ("password", password)];
            page = self.submit(&page, &who, "signin");
        }
        if page.text.contains("/consent\"") {
            page = self.submit(&page, &[], "accept");
        }
        self.go_back(&page)
    }

    /// Presses Cancel where the name is asked for.
    pub(crate) fn cancel(&self, url: &str) -> Page {
        let page = self.get(url);
        let page = self.submit(&page, &[], "cancel");
        self.go_back(&page)
    }

    /// Carries the authority's answer to the application, by redirect or by form.
    pub(crate) fn go_back(&self, page: &Page) -> Page {
        match &page.location {
            Some(location) => self.get(location),
            None => {
                let fields = hidden_fields(&page.text);
                self.post(&action(page), &fields)
            }
        }
    }

    pub(crate) fn get(&self, url: &str) -> Page {
        self.send(url, None)
    }

    pub(crate) fn post(&self, url: &str, fields: &[(String, String)]) -> Page {
        let form = fields.iter().fold(Form::default(), |form, (name, value)| {
            form.with(name.clone().leak(), value.as_str())
        });
        self.send(url, Some(&form))
    }

    /// Fills a page's form in and presses the button with this value.
    pub(crate) fn submit(&self, page: &Page, fields: &[(&str, &str)], button: &str) -> Page {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut all = hidden_fields(&page.text);
        all.extend(fields.iter().map(owned));
        all.push(owned(&("action", button)));
        let action = action(page);
        self.post(&action, &all)
    }

    fn send(&self, url: &str, form: Option<&Form>) -> Page {
        let cookie = self.cookie.lock().unwrap().clone();
        let headers = [("cookie", Secret::new(cookie))];
        let response = self.client.send(&Request {
            url: &self.real(url),
            headers: &headers,
            body: form.map_or(Body::None, Body::Form),
            peer: Peer::Anywhere,
            pinned: None,
            timeout: Duration::from_secs(20),
        });
        let page = Page::read(&response.unwrap(), url);
        if let Some(cookie) = &page.cookie {
            self.cookie.lock().unwrap().clone_from(cookie);
        }
        self.browser.state(|state| state.pages.push(page.clone()));
        page
    }

    /// The URL with the port at which its server really listens.
    fn real(&self, url: &str) -> String {
        let ports = self.browser.state(|state| state.ports.clone());
        let route = |(port, real): (&u16, &u16)| {
            let rest = url.strip_prefix(&format!("http://localhost:{port}"))?;
            let whole = rest.is_empty() || rest.starts_with(['/', '?']);
            whole.then(|| format!("http://localhost:{real}{rest}"))
        };
        ports
            .iter()
            .find_map(route)
            .unwrap_or_else(|| url.to_owned())
    }
}

impl Page {
    /// Forms post to the server that sent the page.
    fn read(response: &Response, url: &str) -> Self {
        let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let text = response.body.expose();
        let cookie = response.header("set-cookie");
        Self {
            status: response.status,
            text: text.replace("action=\"/", &format!("action=\"{origin}/")),
            location: response.header("location").map(str::to_owned),
            cookie: cookie.and_then(|cookie| Some(cookie.split_once(';')?.0.to_owned())),
        }
    }
}

fn action(page: &Page) -> String {
    attribute(&page.text, "action=\"").unwrap_or_else(|| panic!("no form: {}", page.text))
}

fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let field = |input| Some((attribute(input, "name=\"")?, attribute(input, "value=\"")?));
    let inputs = html.split("<input type=\"hidden\"").skip(1);
    inputs.filter_map(field).collect()
}

fn attribute(html: &str, start: &str) -> Option<String> {
    let (value, _) = html.split_once(start)?.1.split_once('"')?;
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let unescaped = marks
        .iter()
        .fold(value.to_owned(), |value, (mark, c)| value.replace(mark, c));
    Some(unescaped)
}
