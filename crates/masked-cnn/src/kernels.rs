//! The inner loops, written once for every vector width and chosen at run time.

pub(crate) mod double;
pub(crate) mod functions;
pub(crate) mod gemm;
pub(crate) mod pointwise;
pub(crate) mod rows;
pub(crate) mod single;
pub(crate) mod windows;
pub(crate) mod winograd;

use pulp::{Arch, Simd, WithSimd};

/// The instruction sets that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionSet {
    /// AVX-512, 16 values at a time.
    Avx512,
    /// AVX2 with FMA, 8 values at a time.
    Avx2,
    /// Arm NEON, 4 values at a time.
    Neon,
    /// Whatever the target always has, 4 values at a time.
    Portable,
}

impl InstructionSet {
    /// What this machine has, the fastest first. The last one is always [`Self::Portable`].
    pub fn available() -> Vec<Self> {
        [Self::Avx512, Self::Avx2, Self::Neon, Self::Portable]
            .into_iter()
            .filter(|set| Kernels::new(*set).is_some())
            .collect()
    }
}

/// Runs kernels with the instructions chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernels {
    arch: Arch,
}

impl Kernels {
    /// Kernels for an instruction set, if this machine has it.
    pub(crate) fn new(set: InstructionSet) -> Option<Self> {
        let arch = match set {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => Arch::V4(pulp::x86::V4::try_new()?),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Arch::V3(pulp::x86::V3::try_new()?),
            #[cfg(target_arch = "aarch64")]
            InstructionSet::Neon => Arch::Neon(pulp::aarch64::Neon::try_new()?),
            InstructionSet::Portable => Arch::Scalar,
            _ => return None,
        };
        Some(Self { arch })
    }

    pub(crate) fn run<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self.arch {
            Arch::Scalar => op.with_simd(pulp::Scalar128b),
            arch => arch.dispatch(op),
        }
    }

    /// Values in a vector.
    pub(crate) fn lanes(self) -> usize {
        struct Lanes;
        impl WithSimd for Lanes {
            type Output = usize;
            #[inline(always)]
            fn with_simd<S: Simd>(self, _simd: S) -> usize {
                S::F32_LANES
            }
        }
        self.run(Lanes)
    }
}

/// `a * b + c`, fused where the machine can: elsewhere a fused product is a call into a library.
#[inline(always)]
pub(crate) fn mul_add<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    let is_portable = S::F32_LANES == 4 && S::REGISTER_COUNT == 16;
    if is_portable {
        simd.add_f32s(simd.mul_f32s(a, b), c)
    } else {
        simd.mul_add_f32s(a, b, c)
    }
}

/// `result` where `value` is finite, NaN elsewhere.
///
/// What follows may hide that a value left the range of `f32`: a rectifier makes 0 of minus
/// infinity, and on x86 the maximum of NaN and 0 is 0. NaN reaches everything that reads it.
#[inline(always)]
pub(crate) fn or_nan<S: Simd>(simd: S, value: S::f32s, result: S::f32s) -> S::f32s {
    mul_add(simd, value, simd.splat_f32s(0.0), result)
}

/// The vectors of values whose number is a multiple of the vector's length.
#[inline(always)]
pub(crate) fn vectors<S: Simd>(values: &[f32]) -> &[S::f32s] {
    S::as_simd_f32s(values).0
}

#[inline(always)]
pub(crate) fn vectors_mut<S: Simd>(values: &mut [f32]) -> &mut [S::f32s] {
    S::as_mut_simd_f32s(values).0
}
