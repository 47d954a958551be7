select r.id, r.client_id, r.client_ref, r.rma_number, r.lpn, r.source, r.sku, r.title, r.category_id, r.currency, r.price_minor, r.mrp_minor,
  r.order_ref, r.ordered_at, r.delivered_at, r.requested_at, r.return_type, r.reason_code, r.sale_channel, r.pickup_pincode, r.stage, r.custody,
  r.acceptance, r.money_state, r.needs_review, r.review_reasons, r.hub_id, r.hub_distance_km, r.grade, r.recommendation_id,
  r.recommended_disposition, r.recommended_channel, r.recommended_value_minor, r.recommended_confidence, r.disposition, r.version, r.created_at,
  r.updated_at, h.code, d.execution, w.due_at
from return_items r left join hubs h on h.id = r.hub_id left join dispositions d on d.return_id = r.id and d.is_current
join processing_workflows w on w.return_id = r.id
order by r.created_at desc, r.id desc limit 21
