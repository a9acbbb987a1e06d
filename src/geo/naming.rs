//! The rule of IP 属地: what of a region is shown.
//!
//! In China the province, short, as people say it (浙江, 内蒙古); Hong Kong, Macao and Taiwan
//! as Chinese sites write them (中国香港); elsewhere the country. Never shows a city or a
//! provider: a location is for colour, not for finding somebody. Works on text alone.

use crate::text::name::is_invisible;

/// Characters of a location: more than the longest name of a country has.
const MAX_CHARS: usize = 64;

/// How the databases write what they do not know.
const UNKNOWN: [&str; 4] = ["", "0", "Reserved", "内网IP"];

/// What stands after the name of a province, longest first.
const SUFFIXES: [&str; 9] = [
    "维吾尔自治区",
    "特别行政区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "省",
    "市",
    " Province",
    " Sheng",
];

/// Regions that are written together with the country, by their short names.
const TOGETHER: [&str; 3] = ["香港", "澳门", "台湾"];

/// The location to show for a country and, if known, its province: one line of characters that can be seen,
/// whatever the file has.
pub fn place(country: &str, province: &str) -> String {
    let visible = |c: &char| !is_invisible(*c);
    let place: String = region(country, province).chars().filter(visible).collect();
    let place = place.split_whitespace().collect::<Vec<_>>().join(" ");
    place.chars().take(MAX_CHARS).collect()
}

fn region(country: &str, province: &str) -> String {
    let country = known(country);
    if let Some(region) = together(country.strip_prefix("中国").unwrap_or(country)) {
        return region;
    }
    if country != "中国" {
        return country.to_owned();
    }
    match short(known(province)) {
        "" => country.to_owned(),
        province => together(province).unwrap_or_else(|| province.to_owned()),
    }
}

fn known(name: &str) -> &str {
    let name = name.trim();
    if UNKNOWN.contains(&name) { "" } else { name }
}

fn short(province: &str) -> &str {
    let mut shorter = SUFFIXES
        .iter()
        .filter_map(|suffix| province.strip_suffix(suffix));
    shorter
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or(province)
}

fn together(region: &str) -> Option<String> {
    let region = short(region);
    TOGETHER.contains(&region).then(|| format!("中国{region}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provinces_are_short() {
        for (province, expected) in [
            ("浙江省", "浙江"),
            ("浙江", "浙江"),
            ("黑龙江省", "黑龙江"),
            ("北京", "北京"),
            ("重庆市", "重庆"),
            ("广西壮族自治区", "广西"),
            ("内蒙古自治区", "内蒙古"),
            ("内蒙古", "内蒙古"),
            ("宁夏回族自治区", "宁夏"),
            ("新疆维吾尔自治区", "新疆"),
            ("西藏自治区", "西藏"),
            ("省", "省"),
        ] {
            assert_eq!(place("中国", province), expected);
        }
    }

    #[test]
    fn hong_kong_macao_and_taiwan_are_written_with_the_country() {
        for (country, province, expected) in [
            ("中国", "香港", "中国香港"),
            ("中国", "香港特别行政区", "中国香港"),
            ("中国", "澳门", "中国澳门"),
            ("中国", "台湾省", "中国台湾"),
            ("香港", "0", "中国香港"),
            ("中国香港", "", "中国香港"),
            ("台湾", "台北市", "中国台湾"),
            ("澳门特别行政区", "", "中国澳门"),
        ] {
            assert_eq!(place(country, province), expected);
        }
    }

    #[test]
    fn whatever_a_file_has_it_is_one_short_line_that_can_be_seen() {
        for (country, province, expected) in [
            ("法\u{202e}国\u{7}", "", "法国"),
            ("New\n\tZealand\u{2028}", "", "New Zealand"),
            ("中国", "浙\u{200b}江\u{e0041}省", "浙江"),
            (&"x".repeat(1_000), "", &"x".repeat(64)),
            (
                "United Kingdom of Great Britain and Northern Ireland",
                "",
                "United Kingdom of Great Britain and Northern Ireland",
            ),
            ("\u{202e}\u{0}", "", ""),
        ] {
            assert_eq!(place(country, province), expected);
        }
    }

    #[test]
    fn elsewhere_it_is_the_country_and_the_unknown_is_nothing() {
        for (country, province, expected) in [
            ("美国", "加利福尼亚", "美国"),
            ("日本", "0", "日本"),
            ("中国", "0", "中国"),
            ("中国", "", "中国"),
            ("0", "0", ""),
            ("", "", ""),
            ("Reserved", "Reserved", ""),
            ("0", "内网IP", ""),
        ] {
            assert_eq!(place(country, province), expected);
        }
    }
}
