//! A browser that has forms and cookies, and no scripts.

use std::cell::RefCell;

use entra_emulator::demo;

use crate::support::{Answer, Bench};

/// Keeps the emulator's session cookie from one page to the next.
pub(crate) struct Browser<'a> {
    bench: &'a Bench,
    cookie: RefCell<String>,
}

/// What came back to the client: its parameters, wherever they stood.
#[derive(Debug)]
pub(crate) struct Returned {
    /// The redirect URI, with `?` or `#`, or the action of the form.
    pub(crate) to: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(bench: &'a Bench) -> Self {
        Self {
            bench,
            cookie: RefCell::default(),
        }
    }

    pub(crate) fn open(&self, target: &str) -> Answer {
        let cookie = self.cookie.borrow().clone();
        let headers = [("cookie", cookie.as_str())];
        self.keep_cookie(self.bench.send("GET", target, &headers, "").unwrap())
    }

    /// Fills the page's form in and presses the button with this `action` value.
    pub(crate) fn submit(&self, page: &Answer, fields: &[(&str, &str)], action: &str) -> Answer {
        let target = attribute(&page.text, "action=\"").expect("the page has a form");
        let interaction = hidden(&page.text, "interaction");
        let mut fields = fields.to_vec();
        if let Some(interaction) = &interaction {
            fields.push(("interaction", interaction));
        }
        fields.push(("action", action));
        let cookie = self.cookie.borrow().clone();
        let headers = [("cookie", cookie.as_str())];
        self.keep_cookie(self.bench.post_with(&target, &headers, &fields))
    }

    /// Signs Alice in on a sign-in page.
    pub(crate) fn sign_in(&self, page: &Answer) -> Answer {
        self.sign_in_as(page, demo::USERNAME, demo::PASSWORD)
    }

    pub(crate) fn sign_in_as(&self, page: &Answer, username: &str, password: &str) -> Answer {
        let fields = [("username", username), ("password", password)];
        self.submit(page, &fields, "signin")
    }

    /// Signs Alice in and accepts: the whole way from the authorization URL to the client.
    pub(crate) fn approve(&self, url: &str) -> Returned {
        let mut page = self.open(url);
        if page.text.contains("action=\"/signin\"") {
            page = self.sign_in(&page);
        }
        if page.text.contains("action=\"/consent\"") {
            page = self.submit(&page, &[], "accept");
        }
        Returned::read(&page)
    }

    fn keep_cookie(&self, answer: Answer) -> Answer {
        if let Some((cookie, _)) = answer.header("set-cookie").split_once(';') {
            cookie.clone_into(&mut self.cookie.borrow_mut());
        }
        answer
    }
}

impl Returned {
    /// Reads a redirect or a form_post page.
    pub(crate) fn read(page: &Answer) -> Self {
        let location = page.header("location");
        let (to, parameters) = match location.find(['?', '#']) {
            Some(index) => {
                let encoded = &location.as_bytes()[index + 1..];
                let parameters = form_urlencoded::parse(encoded).into_owned().collect();
                (location[..=index].to_owned(), parameters)
            }
            None => (
                attribute(&page.text, "action=\"")
                    .unwrap_or_else(|| panic!("neither redirect nor form: {}", page.text)),
                hidden_fields(&page.text),
            ),
        };
        Self { to, parameters }
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// The decoded value of a hidden field.
pub(crate) fn hidden(html: &str, name: &str) -> Option<String> {
    let fields = hidden_fields(html).into_iter();
    let mut values = fields.filter_map(|(known, value)| (known == name).then_some(value));
    values.next()
}

fn hidden_fields(html: &str) -> Vec<(String, String)> {
    html.split("<input type=\"hidden\"")
        .skip(1)
        .filter_map(|input| Some((attribute(input, "name=\"")?, attribute(input, "value=\"")?)))
        .collect()
}

fn attribute(html: &str, start: &str) -> Option<String> {
    let (_, rest) = html.split_once(start)?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&"),
    )
}
