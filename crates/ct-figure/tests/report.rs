//! The page of a run: what is refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;

use ct_figure::{
    Colormap, Error, GreySlice, HtmlReport, Limits, ReportHead, ReportSlice, SCORE_LEGEND, Saliency,
};

const DIMS: (usize, usize) = (40, 56);
const HEAD: ReportHead<'static> = ReportHead {
    title: "A run",
    notice: "Research use only.",
    facts: &[],
    limits: Limits::Drawn { at_least: 0.0 },
    colormap: Colormap::OrangeBlue,
    legend: SCORE_LEGEND,
};

#[test]
fn refuses_slices_that_do_not_fit_and_goes_on() {
    let grey = [0.5; DIMS.0 * DIMS.1];
    let good = ReportSlice {
        id: "a",
        source: "a.npy",
        probability: 0.5,
        prediction: 0,
        windows: &[("brain", GreySlice::new(&grey, DIMS).unwrap())],
        saliency: None,
        against: None,
        note: None,
        boxes: &[],
        regions: &[],
        facts: &[],
    };
    let mut report = HtmlReport::begin(Vec::new(), &HEAD).unwrap();
    let mut add = |slice| report.add(&slice);
    let error = add(ReportSlice {
        probability: f32::NAN,
        ..good
    });
    assert!(matches!(error, Err(Error::Probability { .. })));
    let error = add(ReportSlice {
        windows: &[],
        ..good
    });
    assert!(matches!(error, Err(Error::NoWindows { .. })));
    let turned = GreySlice::new(&grey, (DIMS.1, DIMS.0)).unwrap();
    let turned = [good.windows[0], ("turned", turned)];
    let error = add(ReportSlice {
        windows: &turned,
        ..good
    });
    assert!(matches!(error, Err(Error::WindowDims { .. })));
    let map = Saliency::new(&grey, DIMS).unwrap();
    let error = add(ReportSlice {
        saliency: Some(map),
        against: Some(map),
        ..good
    });
    assert!(matches!(error, Err(Error::Against { .. })));
    let turned = Saliency::new(&grey, (DIMS.1, DIMS.0)).unwrap();
    let error = add(ReportSlice {
        saliency: Some(turned),
        ..good
    });
    assert!(matches!(error, Err(Error::Dims { .. })));
    add(good).unwrap();
    let page = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(page.matches("class=\"slice\"").count(), 1);
}

#[test]
fn refuses_limits_that_give_no_scale() {
    let head = ReportHead {
        limits: Limits::Fixed(0.0),
        ..HEAD
    };
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
        HtmlReport::begin(Full, &HEAD),
        Err(Error::Write(_))
    ));
}
