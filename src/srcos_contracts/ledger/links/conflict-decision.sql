-- What a conflict lacks of its decision: the card, or on the card a choice with its time.
select key as source, case when field(doc, '$.decision_card.card_id') is null then 'card' else 'decision' end as label,
       cast(null as bigint) as target, '' as name, true as missing
from records
where contract = 'ConflictRecord'
  and (field(doc, '$.decision_card.selected_option') is null or instant(field(doc, '$.decision_card.selected_at')) is null)
