//! Checks with little stack and little memory.

use std::process::Command;
use std::thread;

/// Set in the process that has less memory.
const BOUNDED: &str = "TEST_KIT_BOUNDED";

/// What the check gives on a stack of 2 MiB, as threads have.
///
/// # Panics
///
/// If the check does.
pub fn on_a_small_stack<T: Send + 'static>(check: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(check);
    thread.expect("a thread").join().expect("no panic")
}

/// Runs the check in a process of its own with 1 GiB of address space, so that a large allocation
/// aborts it. `test` is the name of the test that calls this, as `--exact` takes it.
///
/// # Panics
///
/// If the check does, or the process is aborted.
pub fn within_a_gibibyte(test: &str, check: impl FnOnce()) {
    if std::env::var_os(BOUNDED).is_some() {
        check();
        return;
    }
    let run = Command::new("sh")
        .arg("-c")
        .arg("ulimit -v 1048576; exec \"$0\" \"$@\"")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", test, "--test-threads", "1"])
        .env(BOUNDED, "1")
        .output()
        .expect("sh runs");
    let text = [run.stdout, run.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(run.status.success() && text.contains("1 passed"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}
