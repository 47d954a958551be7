'use client'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Amount, Instant } from '../../components/amounts.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { useCategories, useTimeZone } from '../../lib/places.ts'
import { useChannelName } from '../../lib/code-words.ts'
import { useReference } from '../../lib/i18n.tsx'
import { humanised } from '../../lib/words.ts'
import { HubCandidates } from './hub-candidates.tsx'

export function DetailsPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations()
  const timeZone = useTimeZone(unit.hubId)
  const category = useCategories().data?.find(({ id }) => id === unit.categoryId)
  const field = useTranslations('detail.fields')
  const word = useReference()
  const channel = useChannelName()
  const categoryName = word(category?.name ?? humanised(unit.categoryId.split('.').at(-1) ?? ''))
  return (
    <Panel title={t('detail.details')}>
      <Facts
        items={[
          [
            field('rma'),
            <span key="r" className="code">
              {unit.rmaNumber}
            </span>,
          ],
          [field('clientRef'), unit.clientRef],
          [
            field('category'),
            unit.isCategoryInferred ? field('categoryInferred', { category: categoryName }) : categoryName,
          ],
          [field('reason'), t(`reason.${unit.reasonCode}`)],
          [field('returnType'), t(`returnType.${unit.returnType}`)],
          [field('opened'), unit.isOpened === null ? null : unit.isOpened ? t('common.yes') : t('common.no')],
          [field('price'), unit.price === null ? null : <Amount key="p" money={unit.price} />],
          [field('mrp'), unit.mrp === null ? null : <Amount key="m" money={unit.mrp} />],
          [
            field('delivered'),
            unit.deliveredAt === null ? null : <Instant key="d" at={unit.deliveredAt} timeZone={timeZone} />,
          ],
          [field('channel'), unit.saleChannel === null ? null : channel(unit.saleChannel)],
          [field('pincode'), unit.pickupPincode],
          [field('awb'), unit.awb],
          [field('serial'), unit.serialNumber],
          [field('custody'), t(`custody.${unit.custody}`)],
          [field('acceptance'), t(`acceptance.${unit.acceptance}`)],
          [field('location'), unit.locationCode],
          [field('customer'), unit.customer?.name ?? (unit.isCustomerMasked ? t('detail.fields.masked') : null)],
          [field('customerNote'), unit.customer?.note],
        ]}
      />
      <HubCandidates unit={unit} />
      {unit.validation.length === 0 ? null : (
        <Disclosure label={t('detail.validation')}>
          <ul style={{ margin: 0, paddingLeft: 18 }}>
            {unit.validation.map((finding) => (
              <li key={finding.rule}>
                {word(finding.detail)} <span className="code">({finding.rule})</span>
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </Panel>
  )
}
