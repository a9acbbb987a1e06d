//! Which boxes a video needs, and where.

/// What a box stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    File,
    Moov,
    Trak,
    Mdia,
    Minf,
    Stbl,
    Moof,
    Traf,
}

impl Place {
    /// The place that a box is for others; `None` of one whose inside is not walked.
    pub fn within(name: &[u8; 4]) -> Option<Self> {
        match name {
            b"moov" => Some(Self::Moov),
            b"trak" => Some(Self::Trak),
            b"mdia" => Some(Self::Mdia),
            b"minf" => Some(Self::Minf),
            b"stbl" => Some(Self::Stbl),
            b"moof" => Some(Self::Moof),
            b"traf" => Some(Self::Traf),
            _ => None,
        }
    }

    /// Whether a box is one that players need here: they tell nothing of who filmed, and where.
    pub fn knows(self, name: &[u8; 4]) -> bool {
        let known: &[&[u8; 4]] = match self {
            Self::File => &[
                b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"ssix", b"pdin",
            ],
            Self::Moov => &[b"mvhd", b"trak", b"mvex", b"iods", b"ctab", b"clip"],
            Self::Trak => &[
                b"tkhd", b"mdia", b"edts", b"tref", b"trgr", b"tapt", b"clip", b"matt", b"load",
            ],
            Self::Mdia => &[b"mdhd", b"hdlr", b"minf", b"elng"],
            Self::Minf => &[
                b"vmhd", b"smhd", b"hmhd", b"sthd", b"nmhd", b"gmhd", b"hdlr", b"dinf", b"stbl",
            ],
            Self::Stbl => &[
                b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco", b"co64",
                b"stss", b"stsh", b"stps", b"stdp", b"padb", b"sdtp", b"sbgp", b"sgpd", b"subs",
                b"saiz", b"saio",
            ],
            Self::Moof => &[b"mfhd", b"traf"],
            Self::Traf => &[
                b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio",
                b"senc",
            ],
        };
        known.contains(&name)
    }
}
