//! Japanese.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static JAPANESE: Phrases = Phrases {
    tag: "ja",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "AISで説明できない探知",
        AlertKind::ZoneEntry => "監視区域に入った船舶",
        AlertKind::AisOnly => "AIS位置に対応する探知なし",
        AlertKind::DistressBeacon => "遭難信号装置が作動中",
        AlertKind::AisEvent => "AISに基づく事象",
    },
    event: |event| match event {
        EventKind::Gap => "AIS通報の途絶",
        EventKind::UnexplainedGap => "受信の良好な海域でのAIS通報の途絶",
        EventKind::Loitering => "船舶が低速で滞留",
        EventKind::Encounter => "2隻の船舶が並んで滞留",
        EventKind::UnmatchedEncounter => "AISのない探知のそばで船舶が滞留",
        EventKind::ZoneVisit => "監視区域内の船舶",
        EventKind::Speed => "船種に比べて速すぎる船舶",
        EventKind::Rafting => "複数の船舶が密集して停留",
        EventKind::Concentration => "通常より多い船舶",
        EventKind::IdentityClash => "一つの識別番号を二か所で受信",
        EventKind::IdentityChange => "航跡が別の識別番号で継続",
        EventKind::PositionCircle => "通報位置が円を描いている",
        EventKind::PositionOffset => "通報位置が別の場所へ跳んでいる",
        EventKind::OverLand => "通報位置が陸上にある",
        EventKind::GnssInterference => "複数の船舶の位置が同時に乱れている",
        EventKind::GearBuoy => "漁具の標識",
        EventKind::DistressBeacon => "遭難信号装置の作動",
    },
    summary: Some(Summary {
        vessel: "船舶：{vessel}。",
        observed: "観測時刻：{time}。",
        position: "位置：{place}、95 %の確率で半径 {radius_m} m 以内。",
        length: "長さ：{length_m} m。",
        probability: "確率：{probability}。",
        watched: "監視対象：{names}。",
        not_searched: "捜索されていない部分がある。英語本文を参照。",
        whole: "これは本メッセージの英語本文の要約であり、英語本文が優先する。",
        withdrawn: "取り消し",
    }),
    no_action: "この警報は取り消された。対応は求めない。",
    compare: "行動の前に自らの情報と照合すること。",
    pass_on: "自らの情報と照合し、担当の救助調整本部に伝えること。",
    exercise: "訓練。実際の事象ではない。",
    test: "試験用メッセージ。実際の事象ではなく、対応は不要。",
    area: "{place} から {radius_km} km 以内の海域",
    zone: "{distance_nm} 海里、{zone_nm} 海里の監視区域内",
};
