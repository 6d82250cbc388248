//! Several processes, and processes that are killed or run out of room. Each is this test program
//! again, told by environment variables to run [`child`] only.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use pinned_fetch::{Cache, Error, Progress};
use tempfile::TempDir;

use crate::setting::{N_BYTES, Setting, content, nowhere, pinned, source};
use test_kit::server::{Reply, Server};

const URL: &str = "PINNED_FETCH_TEST_URL";
const FOLDER: &str = "PINNED_FETCH_TEST_FOLDER";
const PATHS: [&str; 2] = ["images/gt.csv", "images/more.csv"];

/// Fetches two files of the same content; does nothing unless told to by [`command`].
#[test]
fn child() {
    let (Ok(url), Ok(folder)) = (std::env::var(URL), std::env::var(FOLDER)) else {
        return;
    };
    let files = PATHS.map(|path| pinned(path, &content()));
    let summary = pinned_fetch::fetch(&files, &source(&url), &Cache::new(folder), &mut |_| {});
    println!("{summary:?}");
    assert!(summary.is_ok());
}

/// Runs `program`, which is this test program or starts it, in an environment that makes [`child`]
/// fetch.
fn command(program: impl AsRef<OsStr>, url: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env(URL, url)
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Make this test program run [`child`] only.
const CHILD_ARGS: [&str; 3] = ["processes::child", "--exact", "--nocapture"];

fn this_program() -> PathBuf {
    std::env::current_exe().expect("a path")
}

fn child_command(url: &str, folder: &Path) -> Command {
    let mut command = command(this_program(), url, folder);
    command.args(CHILD_ARGS);
    command
}

fn stdout(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("running 1 test"), "{output:?}");
    text
}

#[test]
fn two_processes_at_once_download_each_file_once() {
    let setting = Setting::new(|_, _| {
        let pause = Duration::from_millis(20);
        Reply::whole(&content()).dripped(10, pause)
    });
    let children = [(); 2].map(|()| {
        let mut command = child_command(&setting.server.url(), setting.folder.path());
        command.spawn().expect("a process")
    });
    let mut n_fetched = Vec::new();
    for child in children {
        let output = child.wait_with_output().expect("an end");
        let text = stdout(&output);
        assert!(output.status.success(), "{text}");
        n_fetched.push(text.contains("n_fetched: 2"));
    }
    n_fetched.sort_unstable();
    assert_eq!(n_fetched, [false, true], "one fetched, the other waited");
    let requests = setting.server.requests();
    let mut lines: Vec<_> = requests.iter().map(|request| &*request.line).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["GET /images/gt.csv", "GET /images/more.csv"]);
    fs::remove_file(setting.folder.path().join(PATHS[1])).expect("removed");
    setting.assert_whole();
}

#[test]
fn who_waits_finds_what_the_other_brought() {
    let setting = Setting::new(|_, _| Reply::status(500));
    let lock = File::create(setting.folder.path().join(".lock")).expect("a file");
    lock.lock().expect("a lock");
    let mut lock = Some(lock);
    let mut events = Vec::new();
    let summary = setting.fetch_reporting(&mut |event| match event {
        Progress::Waiting { lock: path } => {
            events.push(path.display().to_string());
            fs::create_dir_all(setting.folder.path().join("images")).expect("a folder");
            fs::write(setting.path(), content()).expect("a file");
            lock = None;
        }
        Progress::Cached { file } => events.push(file.path().to_owned()),
        event => panic!("{event:?}"),
    });
    assert_eq!(summary.expect("a file").n_fetched, 0);
    let lock_path = setting.folder.path().join(".lock").display().to_string();
    assert_eq!(events, [lock_path.as_str(), "images/gt.csv"]);
    assert_eq!(setting.server.requests().len(), 0);
}

#[test]
fn a_killed_download_is_continued() {
    let setting = Setting::new(|request, n_before| {
        let reply = Reply::ranged(&content(), request);
        match n_before {
            // Longer than the test needs, shorter than a stall.
            0 => reply.dripped(1000, Duration::from_millis(20)),
            _ => reply,
        }
    });
    let mut child = child_command(&setting.server.url(), setting.folder.path())
        .spawn()
        .expect("a process");
    let deadline = Instant::now() + Duration::from_secs(10);
    while setting.partials().iter().sum::<u64>() < 1000 {
        assert!(Instant::now() < deadline, "no bytes arrive");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("an end");
    assert!(!setting.path().exists());
    let partials = setting.partials();
    assert_eq!(partials.len(), 1);
    assert!(partials[0] < N_BYTES as u64);

    setting.expect_fetched();
    let first_bytes = setting.server.first_bytes();
    assert_eq!(first_bytes, [None, Some(partials[0] as usize)]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_named_and_leaves_nothing() {
    // No file of a process may be longer than 64 blocks of 512 or 1024 bytes, depending on the
    // shell; writing more fails like writing to a full disk, once the signal is ignored.
    const LIMITED: &str = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let mut child = command("sh", &setting.server.url(), setting.folder.path());
    child.args(["-c", LIMITED]).arg(this_program());
    let output = child.args(CHILD_ARGS).output().expect("a process");
    let text = stdout(&output);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("Err(Write { path: "), "{text}");
    assert!(text.contains("FileTooLarge"), "{text}");
    assert!(!setting.path().exists());
    assert_eq!(setting.partials(), [0_u64; 0]);
    assert_eq!(setting.server.requests().len(), 1);

    setting.expect_fetched();
}

#[cfg(unix)]
#[test]
fn a_read_only_cache_is_read_and_not_written() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let allow = |mode| {
        for path in [setting.folder.path(), &setting.folder.path().join("images")] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
        }
    };
    let run = |url: &str| {
        let mut command = child_command(url, setting.folder.path());
        if setting.folder.path().metadata().expect("metadata").uid() == 0 {
            // Permissions do not bind root; they bind "nobody".
            command.gid(65534).uid(65534);
        }
        command.output().ok()
    };
    setting.expect_fetched();
    allow(0o555);
    let missing = run(&setting.server.url());
    allow(0o755);
    fs::copy(setting.path(), setting.folder.path().join(PATHS[1])).expect("a copy");
    allow(0o555);
    let warm = run(&nowhere());
    allow(0o755);

    let (Some(missing), Some(warm)) = (missing, warm) else {
        println!("SKIPPED a_read_only_cache_is_read_and_not_written: running as root");
        return;
    };
    let text = stdout(&missing);
    assert!(text.contains("Err(Write { path: "), "{text}");
    assert!(text.contains("PermissionDenied"), "{text}");
    assert_eq!(setting.server.requests().len(), 1);
    let text = stdout(&warm);
    assert!(warm.status.success(), "{text}");
    assert!(text.contains("n_cached: 2"), "{text}");
}

#[test]
fn a_folder_that_is_a_file_is_named() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let in_the_way = setting.folder.path().join("images");
    fs::write(&in_the_way, b"not a folder").expect("a file");
    let error = setting.expect_error();
    assert!(matches!(&error, Error::NotAFolder { path } if *path == in_the_way));

    let cache = Cache::new(&in_the_way);
    let files = std::slice::from_ref(&setting.file);
    let source = source(&setting.server.url());
    let result = pinned_fetch::fetch(files, &source, &cache, &mut |_| {});
    assert!(matches!(result, Err(Error::NotAFolder { path }) if path == in_the_way));
    assert_eq!(setting.server.requests().len(), 0);
}

#[test]
fn a_file_that_is_a_folder_is_named() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    fs::create_dir_all(setting.path()).expect("a folder");
    let result = setting.fetch();
    assert!(matches!(result, Err(Error::NotAFile { path }) if path == setting.path()));
    assert_eq!(setting.server.requests().len(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let folder = Path::new("/proc/pinned-fetch");
    let files = std::slice::from_ref(&setting.file);
    let source = source(&setting.server.url());
    let result = pinned_fetch::fetch(files, &source, &Cache::new(folder), &mut |_| {});
    assert!(matches!(result, Err(Error::Write { path, .. }) if path == folder));
    assert_eq!(setting.server.requests().len(), 0);
}

#[test]
fn this_machine_is_reached_without_the_proxy() {
    let setting = Setting::new(|_, _| Reply::whole(&content()));
    let mut command = child_command(&setting.server.url(), setting.folder.path());
    let output = command.env("ALL_PROXY", nowhere()).output();
    assert!(output.expect("a process").status.success());
}

#[test]
fn other_machines_are_reached_through_the_proxy() {
    let proxy = Server::start(|_, _| Reply::status(403));
    let folder = TempDir::new().expect("a folder");
    let mut command = child_command("https://files.invalid/v1", folder.path());
    command.env("ALL_PROXY", proxy.url()).env_remove("NO_PROXY");
    let output = command.env_remove("no_proxy").output().expect("a process");
    let text = stdout(&output);
    assert!(text.contains("Err(Unreachable"), "{text}");
    assert_eq!(proxy.requests()[0].line, "CONNECT files.invalid:443");
}
