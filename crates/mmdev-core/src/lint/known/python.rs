//! Until when versions of Python are maintained (the Python Developer's Guide, "Status of Python versions").

use crate::lint::Date;

/// A feature version of Python.
pub(in crate::lint) struct Series {
    pub(in crate::lint) major: u8,
    pub(in crate::lint) minor: u8,
    /// The year and month of its last security fix.
    end: (u16, u8),
}

impl Series {
    /// Whether it has had its last fix on `today`. A month that is only planned is over when it is.
    pub(in crate::lint) fn is_over(&self, today: Date) -> bool {
        (today.year, today.month) > self.end
    }

    /// The month of its end (`October 2024`).
    pub(in crate::lint) fn end(&self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let (year, month) = self.end;
        format!("{} {year}", MONTHS[usize::from(month - 1)])
    }
}

/// The newest first.
pub(in crate::lint) const SERIES: [Series; 14] = [
    series(3, 15, (2031, 10)),
    series(3, 14, (2030, 10)),
    series(3, 13, (2029, 10)),
    series(3, 12, (2028, 10)),
    series(3, 11, (2027, 10)),
    series(3, 10, (2026, 10)),
    series(3, 9, (2025, 10)),
    series(3, 8, (2024, 10)),
    series(3, 7, (2023, 6)),
    series(3, 6, (2021, 12)),
    series(3, 5, (2020, 9)),
    series(3, 4, (2019, 3)),
    series(3, 3, (2017, 9)),
    series(2, 7, (2020, 1)),
];

const fn series(major: u8, minor: u8, end: (u16, u8)) -> Series {
    Series { major, minor, end }
}

#[cfg(test)]
mod tests {
    use super::SERIES;
    use crate::lint::Date;

    #[test]
    fn a_series_is_over_when_its_last_month_is() {
        let is_over = |year, month| {
            let day = Date {
                year,
                month,
                day: 31,
            };
            let series = SERIES.iter().find(|series| series.minor == 8).unwrap();
            assert_eq!(series.end(), "October 2024");
            series.is_over(day)
        };
        assert!(!is_over(2024, 10));
        assert!(is_over(2024, 11));
        assert!(is_over(2025, 1));
    }
}
