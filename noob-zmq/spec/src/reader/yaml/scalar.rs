//! Plain scalars of YAML 1.2, core schema (YAML 1.2.2, section 10.3.2): `yes` and `no` are texts.

use super::Scalar;

/// Returns the meaning of a plain (unquoted, untagged) scalar.
#[must_use]
pub fn plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        _ => {}
    }
    number(text)
        .or_else(|| number(&grouped(text)?))
        .unwrap_or_else(|| Scalar::Str(text.into()))
}

fn number(text: &str) -> Option<Scalar> {
    integer(text).or_else(|| float(text))
}

/// Removes the underscores between the digits of a number (`1_000`).
///
/// YAML 1.2 does not have them, but noob's reader accepts them.
fn grouped(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let grouped = digits.contains('_') && digits.starts_with(|first: char| first.is_ascii_digit());
    grouped.then(|| text.replace('_', ""))
}

/// Returns the meaning of a scalar with one of YAML's own tags; `None` if it is not of that kind.
///
/// `suffix` is the part of the tag behind `!!`.
pub(super) fn tagged(suffix: &str, text: &str) -> Option<Scalar> {
    match (suffix, plain(text)) {
        ("str", _) => Some(Scalar::Str(text.into())),
        ("null", value @ Scalar::Null) | ("bool", value @ Scalar::Bool(_)) => Some(value),
        ("int", _) => integer(text),
        ("float", _) => float(text).or_else(|| match integer(text)? {
            Scalar::Int(int) => Some(Scalar::Float(int as f64)),
            Scalar::UInt(int) => Some(Scalar::Float(int as f64)),
            _ => text.parse().ok().map(Scalar::Float),
        }),
        _ => None,
    }
}

fn integer(text: &str) -> Option<Scalar> {
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    // YAML 1.2 has neither binary numbers nor signs before `0x`; noob's reader accepts both.
    for (prefix, radix) in [("0o", 8), ("0x", 16), ("0b", 2)] {
        if let Some(digits) = digits.strip_prefix(prefix) {
            return decimal(&in_decimal(digits, radix)?, negative);
        }
    }
    decimal(digits, negative)
}

/// Returns the decimal digits of a number with another radix; `None` if it is none.
fn in_decimal(digits: &str, radix: u32) -> Option<String> {
    /// Limit of the digits, since the time grows with their square.
    const MAX_DIGITS: usize = 10_000;
    const LIMB: u64 = 1_000_000_000;
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    let mut limbs = vec![0_u64];
    for digit in digits.chars() {
        let mut carry = u64::from(digit.to_digit(radix)?);
        for limb in &mut limbs {
            let next = *limb * u64::from(radix) + carry;
            *limb = next % LIMB;
            carry = next / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let (first, others) = limbs.split_last()?;
    let others = others.iter().rev().map(|limb| format!("{limb:09}"));
    Some(std::iter::once(first.to_string()).chain(others).collect())
}

fn decimal(digits: &str, negative: bool) -> Option<Scalar> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let text = match (digits, negative) {
        ("", _) => "0".to_owned(),
        (digits, true) => format!("-{digits}"),
        (digits, false) => digits.to_owned(),
    };
    let int = text.parse().map(Scalar::Int);
    let int = int.or_else(|_| text.parse().map(Scalar::UInt));
    Some(int.unwrap_or_else(|_| Scalar::BigInt(text.into())))
}

fn float(text: &str) -> Option<Scalar> {
    match text.strip_prefix(['-', '+']).unwrap_or(text) {
        ".inf" | ".Inf" | ".INF" => {
            let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
            return Some(Scalar::Float(sign * f64::INFINITY));
        }
        ".nan" | ".NaN" | ".NAN" if text.starts_with('.') => return Some(Scalar::Float(f64::NAN)),
        _ => {}
    }
    // Rust reads more than YAML does: words such as `inf` and `nan` are texts here.
    let numeric = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E');
    let digit_or_point = text
        .strip_prefix(['-', '+'])
        .unwrap_or(text)
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !text.bytes().all(numeric) || !digit_or_point {
        return None;
    }
    text.parse().ok().map(Scalar::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Scalar {
        Scalar::Str(text.into())
    }

    #[test]
    fn examples_of_the_core_schema_are_read() {
        // YAML 1.2.2, example 10.3 and the table above it.
        for (written, meant) in [
            ("null", Scalar::Null),
            ("~", Scalar::Null),
            ("", Scalar::Null),
            ("true", Scalar::Bool(true)),
            ("FALSE", Scalar::Bool(false)),
            ("0", Scalar::Int(0)),
            ("0o7", Scalar::Int(7)),
            ("0x3A", Scalar::Int(58)),
            ("-19", Scalar::Int(-19)),
            ("+12", Scalar::Int(12)),
            ("010", Scalar::Int(10)),
            ("0.", Scalar::Float(0.0)),
            (".5", Scalar::Float(0.5)),
            ("+12e03", Scalar::Float(12000.0)),
            ("-2E+05", Scalar::Float(-200_000.0)),
            // As noob's reader has it.
            ("1_000", Scalar::Int(1000)),
            ("0b101", Scalar::Int(5)),
            ("-0x10", Scalar::Int(-16)),
            ("0xFFFF_FFFF_FFFF_FFFF", Scalar::UInt(u64::MAX)),
            ("-1_0.5", Scalar::Float(-10.5)),
            ("-.Inf", Scalar::Float(f64::NEG_INFINITY)),
        ] {
            assert_eq!(plain(written), meant, "{written:?}");
        }
        assert!(matches!(plain(".NAN"), Scalar::Float(float) if float.is_nan()));
    }

    #[test]
    fn numbers_and_bools_of_yaml_1_1_are_texts() {
        for written in [
            "yes",
            "no",
            "on",
            "y",
            "inf",
            "nan",
            "infinity",
            "_1",
            "a_1",
            "1_a",
            "0b2",
            "-",
            "+",
            ".",
            "1.2.3",
            "e5",
            "0x",
            "0b",
            "0x-1",
            "0xg",
            "-.nan",
            "tRue",
            "2020-01-31",
        ] {
            assert_eq!(plain(written), text(written), "{written:?}");
        }
    }

    #[test]
    fn integers_of_any_size_keep_every_digit() {
        assert_eq!(plain("9223372036854775807"), Scalar::Int(i64::MAX));
        assert_eq!(
            plain("9223372036854775808"),
            Scalar::UInt(9_223_372_036_854_775_808)
        );
        assert_eq!(
            plain("-9223372036854775809"),
            Scalar::BigInt("-9223372036854775809".into())
        );
        for text in ["0018446744073709551616", "0x1_0000_0000_0000_0000"] {
            let int = Scalar::BigInt("18446744073709551616".into());
            assert_eq!(plain(text), int, "{text}");
        }
        let hex = "-0x1ffffffffffffffffffffffffffffffffff";
        let int = "-174224571863520493293247799005065324265471";
        assert_eq!(plain(hex), Scalar::BigInt(int.into()));
    }

    #[test]
    fn tag_decides_the_type() {
        assert_eq!(tagged("str", "12"), Some(text("12")));
        assert_eq!(tagged("int", "12"), Some(Scalar::Int(12)));
        assert_eq!(tagged("float", "12"), Some(Scalar::Float(12.0)));
        assert_eq!(tagged("int", "x"), None);
        assert_eq!(tagged("binary", "x"), None);
    }
}
