//! Malay.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static MALAY: Phrases = Phrases {
    tag: "ms",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "Pengesanan yang tidak diterangkan oleh AIS",
        AlertKind::ZoneEntry => "Kapal memasuki zon pemerhatian",
        AlertKind::AisOnly => "Kedudukan AIS tanpa pengesanan sepadan",
        AlertKind::DistressBeacon => "Suar kecemasan sedang aktif",
        AlertKind::AisEvent => "Peristiwa menurut AIS",
    },
    event: |event| match event {
        EventKind::Gap => "Laporan AIS terhenti",
        EventKind::UnexplainedGap => "Laporan AIS terhenti di tempat penerimaan yang baik",
        EventKind::Loitering => "Kapal berlegar perlahan",
        EventKind::Encounter => "Dua kapal bersebelahan",
        EventKind::UnmatchedEncounter => "Kapal berlegar di sebelah pengesanan tanpa AIS",
        EventKind::ZoneVisit => "Kapal di dalam zon pemerhatian",
        EventKind::Speed => "Kapal lebih laju daripada jenisnya",
        EventKind::Rafting => "Kapal-kapal berhimpun rapat",
        EventKind::Concentration => "Lebih banyak kapal daripada biasa",
        EventKind::IdentityClash => "Satu identiti diterima dari dua tempat",
        EventKind::IdentityChange => "Jejak bersambung dengan identiti lain",
        EventKind::PositionCircle => "Kedudukan yang dilaporkan bergerak dalam bulatan",
        EventKind::PositionOffset => "Kedudukan yang dilaporkan melompat ke tempat lain",
        EventKind::OverLand => "Kedudukan yang dilaporkan berada di darat",
        EventKind::GnssInterference => "Kedudukan beberapa kapal terganggu serentak",
        EventKind::GearBuoy => "Penanda alat menangkap ikan",
        EventKind::DistressBeacon => "Suar kecemasan aktif",
    },
    summary: Some(Summary {
        vessel: "Kapal: {vessel}.",
        observed: "Diperhatikan: {time}.",
        position: "Kedudukan: {place}, dalam lingkungan {radius_m} m dengan kebarangkalian 95 %.",
        length: "Panjang: {length_m} m.",
        probability: "Kebarangkalian: {probability}.",
        watched: "Dipantau: {names}.",
        not_searched: "Sebahagian tidak dicari: lihat teks bahasa Inggeris.",
        whole: "Ini ringkasan teks bahasa Inggeris mesej ini; teks bahasa Inggeris yang terpakai.",
        withdrawn: "Ditarik balik",
    }),
    no_action: "Amaran ini ditarik balik. Tiada tindakan diminta.",
    compare: "Bandingkan dengan maklumat sendiri sebelum bertindak.",
    pass_on: "Bandingkan dengan maklumat sendiri dan sampaikan kepada pusat penyelarasan penyelamat yang bertanggungjawab.",
    exercise: "Latihan. Bukan kejadian sebenar.",
    test: "Mesej ujian. Bukan kejadian sebenar: tiada tindakan diperlukan.",
    area: "Laut dalam lingkungan {radius_km} km dari {place}",
    zone: "{distance_nm} batu nautika jauhnya, dalam zon {zone_nm} batu nautika",
};
