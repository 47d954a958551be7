'use client'
import { Button, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { CircleCheck, FlaskConical, TriangleAlert, Trophy } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { ModelInfo } from '../../../src/contracts/model-registry.ts'
import { Disclosure } from '../../components/disclosure.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { Metrics } from './metrics.tsx'
import classes from './models.module.css'
import { PromoteForm } from './promote-form.tsx'
import { Shadow } from './shadow.tsx'

type Props = { readonly model: ModelInfo; readonly mayChange: boolean }

export function ModelPanel({ model, mayChange }: Props) {
  const t = useTranslations('models')
  const common = useTranslations('common')
  const { language } = useLanguage()
  const [isAsking, question] = useDisclosure(false)
  const isRegistered = model.registeredAt !== null
  const hasMetrics = Object.keys(model.metrics).length > 0
  return (
    <Panel title={model.version} aside={<Marks model={model} />} {...(model.isServing ? { mark: 'accent' } : {})}>
      <p className={classes.says}>{t(`level.${model.level}`)}</p>
      {model.trouble === null ? null : (
        <p className={classes.trouble}>
          <TriangleAlert size={18} aria-hidden />
          <span>
            {t('trouble')}: {model.trouble}
          </span>
        </p>
      )}
      <Facts
        items={[
          [t('engine'), `${model.level} · ${model.engine}`],
          [
            t('registered'),
            model.registeredAt === null ? null : formatInstant(language, model.registeredAt, defaultTimeZone),
          ],
        ]}
      />
      <div className={classes.more}>
        {hasMetrics ? (
          <Disclosure label={t('metrics')}>
            <Metrics metrics={model.metrics} />
          </Disclosure>
        ) : null}
        {model.shadow === null ? null : (
          <Disclosure label={t('shadow')}>
            <Shadow report={model.shadow} />
          </Disclosure>
        )}
        <Disclosure label={t('data')}>
          <Facts items={Object.entries(model.dataVersions)} />
        </Disclosure>
      </div>
      {isRegistered ? (
        <Button variant="default" mt="md" onClick={question.open}>
          {mayChange && !model.aliases.includes('champion') ? t('promote') : t('showGate')}
          <span className={classes.hidden}> {model.version}</span>
        </Button>
      ) : null}
      <Modal
        opened={isAsking}
        onClose={question.close}
        size="xl"
        title={t('gateOf', { version: model.version })}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Text mb="md" size="sm">
          {t('gateText')}
        </Text>
        <PromoteForm
          version={model.version}
          isOffered={mayChange && !model.aliases.includes('champion')}
          onDone={question.close}
        />
      </Modal>
    </Panel>
  )
}

function Marks({ model }: { model: ModelInfo }) {
  const t = useTranslations('models')
  return (
    <span className={classes.marks}>
      {model.isServing ? (
        <Tag tone="good" icon={CircleCheck}>
          {t('serves')}
        </Tag>
      ) : null}
      {model.aliases.includes('champion') ? (
        <Tag tone="info" icon={Trophy}>
          {t('champion')}
        </Tag>
      ) : null}
      {model.aliases.includes('challenger') ? (
        <Tag tone="neutral" icon={FlaskConical}>
          {t('challenger')}
        </Tag>
      ) : null}
      {!model.isServing && model.aliases.length === 0 ? (
        <Tag tone="neutral">{model.registeredAt === null ? t('standsBy') : t('waits')}</Tag>
      ) : null}
    </span>
  )
}
