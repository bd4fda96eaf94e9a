//! The ready-made ports to this machine: stores that wait for each other, time and chance.

use std::thread;
use std::time::Duration;

use entra::client::RedirectUri;
use entra::ports::{
    Clock, Entropy, FileTokens, HttpError, Interaction, MemoryTokens, Ports, ShowDeviceCode,
    StoreError, SystemClock, SystemRandom, TokenStore,
};
use entra::testing;
use entra::wire::identity::{Endpoint, Thumbprint};

#[test]
fn waiting_for_the_lock_ends_with_it_or_times_out() {
    let check = |tokens: &(dyn TokenStore + Sync)| {
        let held = tokens.lock(Duration::ZERO).unwrap();
        thread::scope(|scope| {
            let patient = scope.spawn(|| tokens.lock(Duration::from_secs(60)).is_ok());
            let timeout = Duration::from_millis(100);
            let before = SystemClock.elapsed();
            let impatient = tokens.lock(timeout).err();
            assert!(matches!(impatient, Some(StoreError::Busy(busy)) if busy == timeout));
            assert!(SystemClock.elapsed() - before >= timeout);
            drop(held);
            assert!(patient.join().unwrap());
        });
    };
    check(&MemoryTokens::default());
    let folder = tempfile::tempdir().unwrap();
    check(&FileTokens::new(folder.path().join("tokens.json")));
}

#[test]
fn a_file_that_is_not_there_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = FileTokens::new(folder.path().join("none/tokens.json"));
    assert!(tokens.load().unwrap().is_none());
    let locked = tokens.lock(Duration::ZERO).unwrap();
    assert!(locked.load().unwrap().is_none());
    locked.save(&"kept".into()).unwrap();
    assert_eq!(locked.load().unwrap().unwrap().expose(), "kept");
}

#[test]
fn time_passes_and_chance_does_not_repeat() {
    let before = SystemClock.elapsed();
    SystemClock.sleep(Duration::from_millis(10));
    assert!(SystemClock.elapsed() - before >= Duration::from_millis(10));
    let draw = || {
        let mut bytes = [0; 32];
        SystemRandom.fill(&mut bytes);
        bytes
    };
    assert_ne!(draw(), draw());
}

#[test]
fn another_process_may_take_as_long_as_whom_it_asks() {
    let (entra, tokens) = (testing::Entra::default(), MemoryTokens::default());
    let ports = Ports::new(&entra, &tokens);
    let seconds = [ports.timeout, ports.lock_timeout].map(|timeout| timeout.as_secs());
    assert_eq!(seconds, [30, 30]);
    let user = testing::TestUser::default();
    let ports = ports.with_interaction(&user);
    assert_eq!(ports.lock_timeout, Duration::from_secs(15 * 60));
}

#[test]
fn who_shows_only_codes_opens_no_browser() {
    let user = ShowDeviceCode(|_| ());
    let redirect_uri = RedirectUri::localhost(1);
    let error = user.open_browser("https://x", &redirect_uri).unwrap_err();
    assert_eq!(error.to_string(), "this program opens no browser");
}

#[test]
fn the_timeout_without_an_answer_is_shown_in_whole_units() {
    let check = |after: Duration, want: &str| {
        let host = "h".to_owned();
        let error = HttpError::TimedOut { host, after };
        assert_eq!(error.to_string(), format!("no answer from h within {want}"));
    };
    check(Duration::from_secs(30), "30 s");
    check(Duration::from_millis(1500), "1500 ms");
}

#[test]
fn endpoints_are_known_by_name_address_and_certificate() {
    let check = |endpoint: Endpoint, name: &str, address: &str, is_pinned: bool| {
        assert_eq!((endpoint.name(), endpoint.address()), (name, address));
        assert_eq!(endpoint.pinned().is_some(), is_pinned, "{name}");
    };
    let url = || "https://localhost:2377/x".to_owned();
    let header = || "secret".into();
    let thumbprint = Thumbprint::parse(&"0".repeat(40)).unwrap();
    let fabric = Endpoint::ServiceFabric {
        url: url(),
        header: header(),
        thumbprint,
    };
    check(fabric, "Service Fabric", &url(), true);
    let app = Endpoint::AppService {
        url: url(),
        header: header(),
    };
    check(app, "App Service", &url(), false);
    let host = "http://169.254.169.254".to_owned();
    let machine = Endpoint::VirtualMachine { host: host.clone() };
    check(machine, "the instance metadata service", &host, false);
}

#[test]
fn thumbprints_are_forty_digits() {
    let check = |text: &str, want: bool| {
        assert_eq!(Thumbprint::parse(text).is_ok(), want, "{text}");
    };
    check(&"aB".repeat(20), true);
    check(&"g".repeat(40), false);
    check(&"0".repeat(39), false);
    check(&"0".repeat(64), false);
}
