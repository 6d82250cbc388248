//! What a network's input is made of: by hand, and what is refused.

use burn::tensor::Device;
use ct_preprocess::{
    Channel, Channels, Error, HuSlice, NetworkInput, Window, WindowFunction, WindowedSlice,
};

/// Rounding of a few `f32` operations on values of about 1.
const TOLERANCE: f32 = 1e-6;

fn slice() -> HuSlice {
    HuSlice::new(vec![-1000.0, 0.0, 40.0, 75.0, 130.0, 900.0], 2, 3).expect("a slice")
}

fn channels(text: &str) -> Channels {
    text.parse().expect("channels")
}

fn input(n_channels: usize, text: &str) -> NetworkInput {
    NetworkInput::new(n_channels, &channels(text)).expect("an input")
}

#[test]
fn the_default_is_the_grey_image_three_times_bit_for_bit() {
    let stack = NetworkInput::default().apply(&slice());
    assert_eq!(
        stack.normalised(),
        Window::BRAIN.apply(&slice()).normalised()
    );
    assert_eq!(stack.n_channels(), 3);
    assert_eq!(NetworkInput::default().to_string(), "40:80");
}

/// (clip(x, c - w/2, c + w/2) - (c - w/2)) / w, then (grey - mean) / std, by hand at 75 HU.
#[test]
fn every_channel_has_its_own_window() {
    let three = channels("brain,subdural,soft-tissue");
    let input = NetworkInput::default()
        .with_channels(&three)
        .expect("three");
    let stack = input.apply(&slice());
    let expected = [
        (75.0_f32 / 80.0 - 0.485) / 0.229,
        ((75.0 + 20.0) / 200.0 - 0.456) / 0.224,
        ((75.0 + 150.0) / 380.0 - 0.406) / 0.225,
    ];
    let found: Vec<f32> = stack
        .normalised()
        .iter()
        .skip(3)
        .step_by(6)
        .copied()
        .collect();
    test_kit::assert_close(&found, &expected, TOLERANCE);
    assert_eq!(stack.grey(), &Window::BRAIN.apply(&slice()));
    assert_eq!(stack.to_tensor(&Device::flex()).dims(), [3, 2, 3]);
    assert_eq!(input.to_string(), "40:80,80:200,40:380");
}

/// A window to 0 to 255, then (v - mean) / std; clipped Hounsfield units as they are.
#[test]
fn ranges_and_units_are_normalised_in_their_own_values() {
    let of_bytes = input(1, "brain").with_range(0.0, 255.0).expect("a range");
    let of_bytes = of_bytes
        .with_normalisation(&[127.5], &[127.5])
        .expect("numbers");
    let expected = [-1.0, -1.0, 0.0, 0.875, 1.0, 1.0];
    test_kit::assert_close(of_bytes.apply(&slice()).normalised(), &expected, TOLERANCE);
    assert_eq!(
        of_bytes.to_string(),
        "40:80; channels 1; range 0 to 255; mean 127.5; std 127.5"
    );

    let units = input(1, "hu:-100:300");
    let stack = units.apply(&slice());
    assert_eq!(stack.normalised(), [-100.0, 0.0, 40.0, 75.0, 130.0, 300.0]);
    // The picture lies between the limits.
    assert_eq!(stack.grey().values(), [0.0, 0.25, 0.35, 0.4375, 0.575, 1.0]);
    assert_eq!(stack.to_tensor(&Device::flex()).dims(), [1, 2, 3]);
    assert_eq!(units.to_string(), "hu:-100:300; channels 1; mean 0; std 1");

    let mixed = input(2, "hu:0:100,brain").with_normalisation(&[50.0, 0.5], &[25.0, 0.25]);
    let mixed = mixed.expect("one a channel").apply(&slice());
    let expected = [
        -2.0, -2.0, -0.4, 1.0, 2.0, 2.0, -2.0, -2.0, 0.0, 1.75, 2.0, 2.0,
    ];
    test_kit::assert_close(mixed.normalised(), &expected, TOLERANCE);
}

#[test]
fn a_picture_stands_for_every_channel() {
    let grey = WindowedSlice::new(vec![0.0, 0.5, 1.0], 1, 3).expect("grey");
    let range = input(2, "brain").with_range(-1.0, 1.0).expect("a range");
    assert_eq!(
        range.of_grey(&grey).normalised(),
        [-1.0, 0.0, 1.0, -1.0, 0.0, 1.0]
    );
    let units = input(1, "hu:-100:300");
    assert_eq!(units.of_grey(&grey).normalised(), [-100.0, 100.0, 300.0]);
    // Windowed first or not, the answer is the same.
    let windowed = range.of_grey(&Window::BRAIN.apply(&slice()));
    assert_eq!(windowed, range.apply(&slice()));
}

#[test]
fn one_channel_stands_for_all() {
    let one = NetworkInput::default()
        .with_channels(&channels("bone"))
        .expect("one");
    let three = NetworkInput::default().with_channels(&channels("bone,bone,600:2800"));
    assert_eq!(Some(&one), three.as_ref().ok());
    assert_eq!(one.shown_by_all(), Some(Channel::window(Window::BONE)));
    assert_eq!(input(3, "brain,bone,brain").shown_by_all(), None);
}

#[test]
fn channels_show_neighbouring_slices() {
    let [feet, head] = [10.0, 30.0].map(|hu| HuSlice::new(vec![hu; 6], 2, 3).expect("a slice"));
    let input = input(3, "hu:0:100@-1,hu:0:100,hu:0:100@2");
    assert_eq!(input.neighbours(), [-1, 2]);
    let beside = [(2, head), (-1, feet.clone())];
    let stack = input
        .apply_to_series(&slice(), &beside)
        .expect("both are there");
    let own = input.apply(&slice());
    assert_eq!(stack.normalised()[..6], [10.0; 6]);
    assert_eq!(stack.normalised()[6..12], own.normalised()[6..12]);
    assert_eq!(stack.normalised()[12..], [30.0; 6]);
    // Figures show the slice itself.
    assert_eq!(stack.grey(), own.grey());
    assert_eq!(
        input.to_string(),
        "hu:0:100@-1,hu:0:100,hu:0:100@2; mean 0; std 1"
    );
    assert_eq!(input.shown_by_all(), Channel::hounsfield(0.0, 100.0).ok());
    assert!(input.without_neighbours().neighbours().is_empty());

    let small = HuSlice::new(vec![0.0; 4], 2, 2).expect("a slice");
    for beside in [vec![(-1, feet.clone())], vec![(-1, feet), (2, small)]] {
        let error = input
            .apply_to_series(&slice(), &beside)
            .expect_err("one is missing");
        assert!(matches!(error, Error::Neighbour { offset: 2 }), "{error}");
    }
    for text in ["brain@17", "brain@-17", "brain@x", "brain@", "@1"] {
        assert!(text.parse::<Channels>().is_err(), "{text}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    for text in [
        "40:80",
        "hu:-1000:1000",
        "40:80,32.5:8,600:2800",
        "40:80:linear-exact,1:2:sigmoid",
        "40:80@-1,40:80:sigmoid@2,hu:0:10@16",
    ] {
        assert_eq!(channels(text).to_string(), text);
    }
    assert_eq!(
        channels("40:80:linear").as_slice()[0].as_window(),
        Window::new(40.0, 80.0, WindowFunction::Linear).ok()
    );
    assert_eq!(channels(" stroke , bone ").to_string(), "32:8,600:2800");
}

#[test]
fn rejects_what_is_no_channel() {
    let texts = [
        "",
        "brains",
        "40",
        "40:1",
        "40:x,brain,brain",
        "nan:80",
        "40:80:cubic",
        "a:b:c:d",
    ];
    for text in texts {
        assert!(text.parse::<Channels>().is_err(), "{text:?}");
    }
    for text in ["hu:300:-100", "hu:5:5", "hu:nan:3", "hu:0:1e6"] {
        let error = text.parse::<Channels>().expect_err(text);
        assert!(matches!(error, Error::HounsfieldRange { .. }), "{error}");
    }
}

#[test]
fn rejects_other_numbers_of_channels() {
    for (n_channels, text) in [
        (3, "brain,bone"),
        (1, "brain,bone"),
        (4, "brain,bone,brain"),
    ] {
        let error = NetworkInput::new(n_channels, &channels(text)).expect_err(text);
        assert!(matches!(error, Error::ChannelCount { .. }), "{error}");
    }
    for n_channels in [0, Channels::MAX + 1, usize::MAX] {
        let error = NetworkInput::new(n_channels, &channels("brain")).expect_err("too many");
        assert!(matches!(error, Error::Channels { .. }), "{error}");
    }
    assert!(Channels::new(Vec::new()).is_err());
}

#[test]
fn rejects_a_range_that_is_none_or_of_no_window() {
    for (low, high) in [
        (1.0, 0.0),
        (0.0, 0.0),
        (f32::NAN, 1.0),
        (0.0, f32::INFINITY),
    ] {
        let error = input(1, "brain")
            .with_range(low, high)
            .expect_err("no range");
        assert!(matches!(error, Error::ValueRange { .. }), "{error}");
    }
    let units = input(2, "brain,hu:0:100");
    assert!(units.clone().with_range(0.0, 1.0).is_ok());
    let error = units.clone().with_range(0.0, 255.0).expect_err("units");
    assert!(matches!(error, Error::RangeOfHounsfield), "{error}");
    let of_bytes = input(2, "brain").with_range(0.0, 255.0).expect("a range");
    assert!(of_bytes.with_channels(&channels("hu:0:100")).is_err());
}

#[test]
fn rejects_a_normalisation_that_is_none() {
    let with = |mean: &[f32], std: &[f32]| {
        let made = input(3, "brain").with_normalisation(mean, std);
        made.expect_err("no normalisation").to_string()
    };
    assert!(with(&[0.0, 0.0], &[1.0]).contains("2 means, expected one for all channels or 3"));
    assert!(with(&[0.0], &[]).contains("0 standard deviations"));
    for std in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-40] {
        assert!(
            with(&[0.0], &[std]).contains("standard deviation of"),
            "{std}"
        );
    }
    assert!(with(&[f32::NAN], &[1.0]).contains("mean of NaN"));
}

#[test]
fn every_channel_is_blurred_by_itself() {
    let stack = input(2, "hu:0:100,brain").apply(&slice());
    let blurred = stack.blurred(1.5).expect("blurred");
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    // Mirrored edges keep the sum of a channel.
    for channel in [0..6, 6..12] {
        let (found, expected) = (
            mean(&blurred[channel.clone()]),
            mean(&stack.normalised()[channel]),
        );
        assert!(
            (found / expected - 1.0).abs() < TOLERANCE,
            "{found} {expected}"
        );
    }
    for sigma_px in [0.0, -1.0, f64::NAN, 1e9] {
        let error = stack.blurred(sigma_px).expect_err("no blur");
        assert!(matches!(error, Error::Blur { .. }), "{error}");
    }
}
