//! Filipino.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static FILIPINO: Phrases = Phrases {
    tag: "fil",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "Deteksiyong hindi naipapaliwanag ng AIS",
        AlertKind::ZoneEntry => "Sasakyang-dagat sa loob ng sona ng pagmamasid",
        AlertKind::AisOnly => "Posisyon sa AIS na walang katapat na deteksiyon",
        AlertKind::DistressBeacon => "Aktibo ang hudyat ng saklolo",
        AlertKind::AisEvent => "Pangyayari ayon sa AIS",
    },
    event: |event| match event {
        EventKind::Gap => "Huminto ang mga ulat ng AIS",
        EventKind::UnexplainedGap => "Huminto ang mga ulat ng AIS kung saan mahusay ang pagtanggap",
        EventKind::Loitering => "Sasakyang-dagat na nananatili sa isang lugar",
        EventKind::Encounter => "Dalawang sasakyang-dagat na magkatabi",
        EventKind::UnmatchedEncounter => {
            "Sasakyang-dagat na nananatili sa tabi ng deteksiyong walang AIS"
        }
        EventKind::ZoneVisit => "Sasakyang-dagat na nasa sona ng pagmamasid",
        EventKind::Speed => "Sasakyang-dagat na mas mabilis kaysa sa uri nito",
        EventKind::Rafting => "Mga sasakyang-dagat na magkakadikit",
        EventKind::Concentration => "Mas maraming sasakyang-dagat kaysa karaniwan",
        EventKind::IdentityClash => "Iisang pagkakakilanlan na narinig sa dalawang lugar",
        EventKind::IdentityChange => "Nagpatuloy ang landas sa ibang pagkakakilanlan",
        EventKind::PositionCircle => "Paikot ang mga iniulat na posisyon",
        EventKind::PositionOffset => "Lumulundag sa ibang lugar ang mga iniulat na posisyon",
        EventKind::OverLand => "Nasa lupa ang mga iniulat na posisyon",
        EventKind::GnssInterference => "Sabay na nagulo ang posisyon ng ilang sasakyang-dagat",
        EventKind::GearBuoy => "Palatandaan ng gamit-pangisda",
        EventKind::DistressBeacon => "Aktibong hudyat ng saklolo",
    },
    summary: Some(Summary {
        vessel: "Sasakyang-dagat: {vessel}.",
        observed: "Naobserbahan: {time}.",
        position: "Posisyon: {place}, sa loob ng {radius_m} m nang may 95 % na probabilidad.",
        length: "Haba: {length_m} m.",
        probability: "Probabilidad: {probability}.",
        watched: "Binabantayan: {names}.",
        not_searched: "May bahaging hindi nasuri: tingnan ang tekstong Ingles.",
        whole: "Buod ito ng tekstong Ingles ng mensaheng ito; ang tekstong Ingles ang masusunod.",
        withdrawn: "Binawi",
    }),
    no_action: "Binawi ang alertong ito. Walang hinihinging pagkilos.",
    compare: "Ihambing sa sariling impormasyon bago kumilos.",
    pass_on: "Ihambing sa sariling impormasyon at ipasa sa sentro ng koordinasyon ng pagsagip na may saklaw.",
    exercise: "Pagsasanay. Hindi tunay na pangyayari.",
    test: "Mensaheng pansubok. Hindi tunay na pangyayari: walang kailangang gawin.",
    area: "Dagat sa loob ng {radius_km} km mula sa {place}",
    zone: "{distance_nm} milyang nautiko ang layo, sa sonang {zone_nm} milyang nautiko",
};
