//! The page of a run: what is refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;

use ct_figure::{Error, GreySlice, Heat, HtmlReport, Limits, ReportHead, ReportSlice, Saliency};

const DIMS: (usize, usize) = (40, 56);

fn head() -> ReportHead<'static> {
    ReportHead::new("A run", "Research use only.")
}

#[test]
fn refuses_slices_that_do_not_fit_and_goes_on() {
    let grey = [0.5; DIMS.0 * DIMS.1];
    let windows = [("brain", GreySlice::new(&grey, DIMS).unwrap())];
    let slice = |probability, windows| ReportSlice::new("a", "a.npy", probability, 0, windows);
    let good = slice(0.5, &windows);
    let mut report = HtmlReport::begin(Vec::new(), &head()).unwrap();
    let mut add = |slice| report.add(&slice);
    let error = add(slice(f32::NAN, &windows));
    assert!(matches!(error, Err(Error::Probability { .. })));
    let error = add(slice(0.5, &[]));
    assert!(matches!(error, Err(Error::NoWindows { .. })));
    let turned = GreySlice::new(&grey, (DIMS.1, DIMS.0)).unwrap();
    let turned = [windows[0], ("turned", turned)];
    let error = add(slice(0.5, &turned));
    assert!(matches!(error, Err(Error::WindowDims { .. })));
    let turned = Saliency::new(&grey, (DIMS.1, DIMS.0)).unwrap();
    let error = add(good.with_heat(Heat::new(turned)));
    assert!(matches!(error, Err(Error::Dims { .. })));
    add(good).unwrap();
    let page = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(page.matches("class=\"slice\"").count(), 1);
}

#[test]
fn refuses_limits_that_give_no_scale() {
    let head = head().with_limits(Limits::Fixed(0.0));
    let error = HtmlReport::begin(Vec::new(), &head).unwrap_err();
    assert!(matches!(error, Error::FixedLimit(_)));
}

#[test]
fn a_writer_that_fails_is_an_error() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(matches!(
        HtmlReport::begin(Full, &head()),
        Err(Error::Write(_))
    ));
}
