//! Russian.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static RUSSIAN: Phrases = Phrases {
    tag: "ru",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "Обнаружение, не объяснённое данными АИС",
        AlertKind::ZoneEntry => "Судно вошло в зону наблюдения",
        AlertKind::AisOnly => "Положение по АИС без обнаружения на снимке",
        AlertKind::DistressBeacon => "Работает аварийный радиобуй",
        AlertKind::AisEvent => "Событие по данным АИС",
    },
    event: |event| match event {
        EventKind::Gap => "Сообщения АИС прекратились",
        EventKind::UnexplainedGap => "Сообщения АИС прекратились там, где приём хороший",
        EventKind::Loitering => "Судно держится на месте",
        EventKind::Encounter => "Два судна борт о борт",
        EventKind::UnmatchedEncounter => "Судно держится рядом с обнаружением без АИС",
        EventKind::ZoneVisit => "Судно в зоне наблюдения",
        EventKind::Speed => "Судно быстрее, чем свойственно его типу",
        EventKind::Rafting => "Суда стоят вплотную друг к другу",
        EventKind::Concentration => "Судов больше обычного",
        EventKind::IdentityClash => "Один идентификатор принят из двух мест",
        EventKind::IdentityChange => "След продолжается под другим идентификатором",
        EventKind::PositionCircle => "Сообщаемые положения идут по кругу",
        EventKind::PositionOffset => "Сообщаемые положения скачут в другое место",
        EventKind::OverLand => "Сообщаемые положения находятся на суше",
        EventKind::GnssInterference => "Положения нескольких судов нарушены одновременно",
        EventKind::GearBuoy => "Метка орудия лова",
        EventKind::DistressBeacon => "Аварийный радиобуй включён",
    },
    summary: Some(Summary {
        vessel: "Судно: {vessel}.",
        observed: "Время наблюдения: {time}.",
        position: "Место: {place}, в пределах {radius_m} м с вероятностью 95 %.",
        length: "Длина: {length_m} м.",
        probability: "Вероятность: {probability}.",
        watched: "Под наблюдением: {names}.",
        not_searched: "Часть района не обследована: см. английский текст.",
        whole: "Это краткое изложение английского текста сообщения; определяющим является английский текст.",
        withdrawn: "Отозвано",
    }),
    no_action: "Это оповещение отозвано. Действий не требуется.",
    compare: "Прежде чем действовать, сверьте с собственными данными.",
    pass_on: "Сверьте с собственными данными и передайте ответственному спасательно-координационному центру.",
    exercise: "Учение. Не реальное событие.",
    test: "Пробное сообщение. Не реальное событие: действий не требуется.",
    area: "Море в радиусе {radius_km} км от {place}",
    zone: "в {distance_nm} мор. мили, в зоне {zone_nm} мор. миль",
};
