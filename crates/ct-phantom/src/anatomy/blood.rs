//! Bleeds: first where they are, because the brain makes room, then how they brighten it.

use std::f32::consts::{PI, TAU};

use crate::anatomy::brain::Brain;
use crate::anatomy::cranium::Cranium;
use crate::anatomy::section::{Push, Rough, Section};
use crate::anatomy::solid::{Point, Solid};
use crate::anatomy::texture::{Grain, Texture, Textures};
use crate::anatomy::variant::place;
use crate::bleed::Bleed;
use crate::dice::Dice;
use crate::plane::{Plane, SIDE, saturate};

/// A bleed of one kind, not yet in the brain.
pub(crate) struct Blood<'a> {
    pub(crate) kind: Bleed,
    form: Form,
    mean_hu: f32,
    /// How much the density varies within, and where.
    swirl_hu: f32,
    swirl: Texture<'a>,
    rough: Rough<'a>,
}

enum Form {
    Clot {
        parts: Vec<Solid>,
        oedema_mm: f32,
        loss_hu: f32,
        push: Push,
    },
    /// Along the vault: the angle of the middle, half the opening, the greatest thickness.
    Layer {
        middle: f32,
        half_angle: f32,
        thickness_mm: f32,
        push: Push,
    },
    /// Along the falx: side, thickness, and the part of the length.
    Falcine {
        side: f32,
        thickness_mm: f32,
        middle_mm: f32,
        half_mm: f32,
    },
    /// In sulci and cisterns around a place.
    Spread {
        centre: Point,
        reach_mm: f32,
        density: f32,
    },
    /// In the ventricles: all of them, or the lowest part of a supine head; perhaps on one side.
    Ventricular {
        is_cast: bool,
        filling: f32,
        side: f32,
    },
}

impl<'a> Blood<'a> {
    /// Decides where a bleed of this kind is; `None` if the slice has no room for it.
    pub(crate) fn plan(
        dice: &mut Dice,
        textures: &'a Textures,
        section: &Section,
        cranium: &Cranium,
        kind: Bleed,
    ) -> Option<Self> {
        let form = match kind {
            Bleed::Intraparenchymal => clot(dice, section, cranium)?,
            Bleed::Intraventricular => Form::Ventricular {
                is_cast: dice.chance(0.4),
                filling: dice.uniform(0.08..0.7),
                side: dice.one_of([-1.0, 0.0, 0.0, 1.0]),
            },
            Bleed::Subarachnoid => spread(dice, section, cranium)?,
            Bleed::Subdural if dice.chance(0.15) => Form::Falcine {
                side: dice.one_of([-1.0, 1.0]),
                thickness_mm: dice.uniform(1.5..5.0),
                middle_mm: dice.uniform(-60.0..60.0),
                half_mm: dice.uniform(15.0..70.0),
            },
            Bleed::Subdural => {
                let half_angle = dice.uniform(0.35..1.5);
                let thickness_mm = dice.log_uniform(2.0..17.0);
                layer(dice, section, cranium, half_angle, thickness_mm)?
            }
            Bleed::Epidural => {
                let half_angle = dice.uniform(0.18..0.55);
                let thickness_mm = half_angle * dice.uniform(14.0..46.0);
                layer(dice, section, cranium, half_angle, thickness_mm)?
            }
        };
        let raggedness = match &form {
            Form::Clot { parts, .. } => {
                let (front, back) = parts[0].span([0.0, 1.0, 0.0]);
                0.5 * (back - front) * dice.uniform(0.05..0.28)
            }
            _ => dice.uniform(0.2..0.9),
        };
        let grain = if dice.chance(0.5) {
            Grain::Coarse
        } else {
            Grain::Middle
        };
        let swirl_grain = dice.one_of([Grain::Broad, Grain::Coarse, Grain::Middle]);
        Some(Self {
            kind,
            form,
            mean_hu: match kind {
                Bleed::Subarachnoid | Bleed::Intraventricular => dice.uniform(46.0..78.0),
                Bleed::Subdural => dice.uniform(46.0..76.0),
                _ => dice.uniform(52.0..80.0),
            },
            swirl_hu: dice.uniform(0.0..7.0),
            swirl: textures.pick(dice, swirl_grain),
            rough: Rough {
                texture: textures.pick(dice, grain),
                sd_mm: raggedness,
            },
        })
    }

    /// How the brain makes room.
    pub(crate) fn push(&self) -> Option<Push> {
        match &self.form {
            Form::Clot { push, .. } | Form::Layer { push, .. } => Some(*push),
            _ => None,
        }
    }

    /// Darkens the brain around a clot.
    pub(crate) fn swell(&self, section: &Section, brain: &mut Brain) {
        let Form::Clot {
            parts,
            oedema_mm,
            loss_hu,
            ..
        } = &self.form
        else {
            return;
        };
        let mut halo = Plane::filled(0.0);
        for part in parts {
            section.cover(&mut halo, &part.grown(*oedema_mm), Some(self.rough), 1.0);
        }
        for (i, share) in halo.iter().enumerate() {
            brain.hu[i] -= share * loss_hu;
        }
    }

    /// By how much the bleed brightens the brain at every pixel.
    pub(crate) fn gain_hu(&self, section: &Section, cranium: &Cranium, brain: &Brain) -> Plane {
        let cover = self.cover(section, cranium, brain);
        Plane::from_pixels(|i| {
            let share = saturate(cover[i]);
            if share <= 0.0 {
                return 0.0;
            }
            let blood_hu = self.mean_hu + self.swirl_hu * self.swirl.at(i);
            share * (blood_hu.min(95.0) - brain.hu[i]).max(0.0)
        })
    }

    fn cover(&self, section: &Section, cranium: &Cranium, brain: &Brain) -> Plane {
        let rough_mm = |i: usize| self.rough.sd_mm * self.rough.texture.at(i);
        match &self.form {
            Form::Clot { parts, .. } => {
                let mut cover = Plane::filled(0.0);
                for part in parts {
                    section.cover(&mut cover, part, Some(self.rough), 1.0);
                }
                cover
            }
            &Form::Layer {
                middle,
                half_angle,
                thickness_mm,
                ..
            } => Plane::from_pixels(|i| {
                if cranium.cavity[i] <= 0.0 {
                    return 0.0;
                }
                let angle = section.y[i].atan2(section.x[i]);
                let off = ((angle - middle + PI).rem_euclid(TAU) - PI) / half_angle;
                let round = (1.0 - off * off).max(0.0);
                // Subdural blood stays on its side of the falx.
                let own_side = saturate(section.x[i] * middle.cos().signum() / 3.0 + 0.5);
                let profile = if self.kind == Bleed::Epidural {
                    round
                } else {
                    round.sqrt() * own_side
                };
                let thickness = thickness_mm * profile;
                if thickness < 0.4 {
                    return 0.0;
                }
                let edge = section.edge_mm(cranium.measures.vault_depth(section.point(i)).1);
                saturate((thickness + rough_mm(i) * profile - cranium.vault_mm[i]) / edge + 0.5)
            }),
            &Form::Falcine {
                side,
                thickness_mm,
                middle_mm,
                half_mm,
            } => Plane::from_pixels(|i| {
                let [x, y, z] = section.point(i);
                let off = (y - middle_mm) / half_mm;
                let hangs = saturate((34.0 + 0.22 * y - cranium.vault_mm[i]) / 4.0)
                    * saturate((z - 26.0) / 8.0);
                let thickness = thickness_mm * (1.0 - off * off).max(0.0).sqrt() * hangs;
                if thickness < 0.4 {
                    return 0.0;
                }
                let edge = section.edge_mm([1.0, 0.0, 0.0]);
                saturate((thickness + 0.5 * rough_mm(i) - side * x) / edge)
                    * saturate(side * x / edge + 0.7)
            }),
            &Form::Spread {
                centre,
                reach_mm,
                density,
            } => Plane::from_pixels(|i| {
                let space = brain.subarachnoid[i];
                if space < 0.05 {
                    return 0.0;
                }
                let at = section.point(i);
                let away = (at[0] - centre[0])
                    .hypot(at[1] - centre[1])
                    .hypot(at[2] - centre[2]);
                let inside = saturate((reach_mm - away) / 8.0 + 0.8 * self.rough.texture.at(i));
                density * inside * saturate(2.2 * space)
            }),
            &Form::Ventricular {
                is_cast,
                filling,
                side,
            } => {
                let level = if is_cast {
                    -999.0
                } else {
                    fluid_level(section, brain, filling)
                };
                Plane::from_pixels(|i| {
                    if brain.ventricles[i] <= 0.0 || side * section.x[i] < -3.0 {
                        return 0.0;
                    }
                    let below = saturate((section.y[i] + rough_mm(i) - level) / 1.5 + 0.5);
                    brain.ventricles[i] * below * saturate(1.25 + 0.25 * self.rough.texture.at(i))
                })
            }
        }
    }
}

/// How far back blood stands in the ventricles if a share of them is full; the patient lies supine.
fn fluid_level(section: &Section, brain: &Brain, filling: f32) -> f32 {
    let is_fluid = |&i: &usize| brain.ventricles[i] > 0.5;
    let mut behind: Vec<f32> = (0..SIDE * SIDE)
        .filter(is_fluid)
        .map(|i| section.y[i])
        .collect();
    behind.sort_by(f32::total_cmp);
    let n_above = (behind.len() as f32 * (1.0 - filling)) as usize;
    behind.get(n_above).copied().unwrap_or(0.0)
}

/// Where clots of high blood pressure lie: putamen, thalamus, caudate, pons, cerebellum.
const DEEP_SITES: [(Point, f32); 5] = [
    ([27.0, -5.0, 50.0], 0.4),
    ([12.0, 10.0, 54.0], 0.25),
    ([14.0, -26.0, 60.0], 0.05),
    ([2.0, 3.0, 6.0], 0.1),
    ([24.0, 46.0, -6.0], 0.2),
];

fn clot(dice: &mut Dice, section: &Section, cranium: &Cranium) -> Option<Form> {
    let size = dice.log_uniform(2.6..25.0);
    let height_mm = section.z[SIDE / 2 * SIDE + SIDE / 2];
    let weights = DEEP_SITES.map(|(site, weight)| {
        if (site[2] - height_mm).abs() < 10.0 + 0.7 * size {
            weight
        } else {
            0.0
        }
    });
    let is_deep = dice.chance(0.6) && weights.iter().sum::<f32>() > 0.0;
    let mut centre = if is_deep {
        let (site, _) = DEEP_SITES[dice.weighted(&weights)];
        let side = dice.one_of([-1.0, 1.0]);
        [
            side * site[0] + dice.normal(3.5),
            site[1] + dice.normal(4.5),
            height_mm,
        ]
    } else {
        section.point(place(dice, cranium, (0.8 * size).min(14.0))?)
    };
    // The slice rarely cuts a clot through its middle.
    centre[2] += dice.uniform(-0.75..0.75) * size;
    let turn = dice.uniform(-0.6..0.6);
    let half_axes = [
        size * dice.uniform(0.55..1.05),
        size * dice.uniform(0.8..1.35),
        size,
    ];
    let mut parts = vec![Solid::turned(centre, half_axes, turn)];
    for _ in 0..dice.count(0..4) {
        let reach = size * dice.uniform(0.5..1.1);
        let (sin, cos) = dice.uniform(0.0..TAU).sin_cos();
        let at = [
            centre[0] + reach * cos,
            centre[1] + reach * sin,
            centre[2] + dice.normal(0.3 * size),
        ];
        let half = size * dice.uniform(0.25..0.65);
        parts.push(Solid::ellipsoid(
            at,
            [half, half * dice.uniform(0.7..1.3), half],
        ));
    }
    let push = Push {
        centre,
        radius_mm: size * dice.uniform(0.2..0.85),
        reach_mm: size * dice.uniform(3.0..5.5),
    };
    Some(Form::Clot {
        parts,
        oedema_mm: dice.uniform(0.5..0.45 * size + 2.0),
        loss_hu: dice.uniform(0.0..14.0),
        push,
    })
}

fn layer(
    dice: &mut Dice,
    section: &Section,
    cranium: &Cranium,
    half_angle: f32,
    thickness_mm: f32,
) -> Option<Form> {
    let middle = dice.uniform(-PI..PI);
    // The place on the inner table in the middle of the layer; most such bleeds are above the tentorium.
    let on_table = |&i: &usize| {
        let off = (section.y[i].atan2(section.x[i]) - middle + PI).rem_euclid(TAU) - PI;
        cranium.vault_mm[i].abs() < 1.0 && off.abs() < 0.05 && cranium.depth_mm[i] > -2.0
    };
    let i = (0..SIDE * SIDE).find(on_table)?;
    let (_, outward) = cranium.measures.vault_depth(section.point(i));
    let at = section.point(i);
    let back_mm = 14.0;
    let centre = std::array::from_fn(|k| at[k] + back_mm * outward[k]);
    let room_mm = thickness_mm * dice.uniform(0.3..1.0);
    Some(Form::Layer {
        middle,
        half_angle,
        thickness_mm,
        push: Push {
            centre,
            radius_mm: (2.0 * room_mm * (back_mm + thickness_mm)).sqrt(),
            reach_mm: 100.0,
        },
    })
}

fn spread(dice: &mut Dice, section: &Section, cranium: &Cranium) -> Option<Form> {
    let is_basal = dice.chance(0.45);
    let height_mm = section.z[SIDE / 2 * SIDE + SIDE / 2];
    let (centre, reach_mm) = if is_basal && (-5.0..60.0).contains(&height_mm) {
        let side = dice.one_of([-1.0, 0.0, 1.0]);
        ([side * 22.0, -14.0, 28.0], dice.uniform(24.0..70.0))
    } else {
        (
            section.point(place(dice, cranium, 1.0)?),
            dice.log_uniform(9.0..50.0),
        )
    };
    Some(Form::Spread {
        centre,
        reach_mm,
        density: dice.uniform(0.45..1.0),
    })
}
