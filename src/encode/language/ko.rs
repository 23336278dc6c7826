//! Korean.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static KOREAN: Phrases = Phrases {
    tag: "ko",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "AIS로 설명되지 않는 탐지",
        AlertKind::ZoneEntry => "감시 구역에 들어온 선박",
        AlertKind::AisOnly => "AIS 위치에 대응하는 탐지 없음",
        AlertKind::DistressBeacon => "조난 신호기 작동 중",
        AlertKind::AisEvent => "AIS에 따른 사건",
    },
    event: |event| match event {
        EventKind::Gap => "AIS 보고 중단",
        EventKind::UnexplainedGap => "수신이 양호한 곳에서의 AIS 보고 중단",
        EventKind::Loitering => "선박이 저속으로 머무름",
        EventKind::Encounter => "두 선박이 나란히 머무름",
        EventKind::UnmatchedEncounter => "AIS 없는 탐지 옆에 머무는 선박",
        EventKind::ZoneVisit => "감시 구역 안의 선박",
        EventKind::Speed => "선종에 비해 지나치게 빠른 선박",
        EventKind::Rafting => "여러 선박이 밀집하여 머무름",
        EventKind::Concentration => "평소보다 많은 선박",
        EventKind::IdentityClash => "하나의 식별 번호가 두 곳에서 수신됨",
        EventKind::IdentityChange => "항적이 다른 식별 번호로 이어짐",
        EventKind::PositionCircle => "보고된 위치가 원을 그림",
        EventKind::PositionOffset => "보고된 위치가 다른 곳으로 튐",
        EventKind::OverLand => "보고된 위치가 육지에 있음",
        EventKind::GnssInterference => "여러 선박의 위치가 동시에 교란됨",
        EventKind::GearBuoy => "어구 표지",
        EventKind::DistressBeacon => "조난 신호기 작동",
    },
    summary: Some(Summary {
        vessel: "선박: {vessel}.",
        observed: "관측 시각: {time}.",
        position: "위치: {place}, 95 % 확률로 반경 {radius_m} m 이내.",
        length: "길이: {length_m} m.",
        probability: "확률: {probability}.",
        watched: "감시 대상: {names}.",
        not_searched: "탐색하지 않은 부분이 있음: 영어 본문 참조.",
        whole: "이 글은 이 메시지의 영어 본문을 요약한 것이며, 영어 본문이 우선한다.",
        withdrawn: "철회",
    }),
    no_action: "이 경보는 철회되었다. 조치를 요청하지 않는다.",
    compare: "조치하기 전에 자체 정보와 대조할 것.",
    pass_on: "자체 정보와 대조하고 담당 구조조정본부에 전달할 것.",
    exercise: "훈련. 실제 사건이 아님.",
    test: "시험 메시지. 실제 사건이 아니며 조치가 필요 없음.",
    area: "{place}에서 {radius_km} km 이내의 해역",
    zone: "{distance_nm}해리 거리, {zone_nm}해리 감시 구역 안",
};
