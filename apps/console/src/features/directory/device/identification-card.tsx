import { definitionOf, type DeviceSummary, type PlainField, plainFields, setFields } from '@holdfast/api';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePermissionIn } from '../../../shared/groups/use-permission-in.ts';
import { IconPencil } from '../../../shared/icons/icons.ts';
import { Card } from '../../../shared/page/card.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { SetFieldsDialog } from './set-fields-dialog.tsx';

export interface IdentificationCardProps {
  readonly device: DeviceSummary;
}

/** The plain fields of a device, as far as they are known, and where people set theirs. */
export function IdentificationCard({ device }: IdentificationCardProps) {
  const { t } = useTranslation('device');
  const mayEdit = usePermissionIn('directory:edit', device.groupId);
  const [isOpen, setOpen] = useState(false);
  const known = plainFields.filter((name) => device[name] !== '');
  const maySet = mayEdit && setFields.length > 0;
  if (known.length === 0 && !maySet) return null;
  return (
    <Card
      title={t('facts.identification')}
      aside={
        maySet ? (
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconPencil size={14} stroke={1.75} />}
            onClick={() => setOpen(true)}
          >
            {t('fields.edit')}
          </Button>
        ) : null
      }
    >
      {known.length === 0 ? <p className="hf-soft">{t('fields.none')}</p> : null}
      <Facts>
        {known.map((name) => (
          <Fact key={name} name={definitionOf(name).title}>
            <FieldValue name={name} value={device[name]} />
          </Fact>
        ))}
      </Facts>
      {isOpen ? <SetFieldsDialog device={device} onClose={() => setOpen(false)} /> : null}
    </Card>
  );
}

interface FieldValueProps {
  readonly name: PlainField;
  readonly value: string;
}

/** What other devices have as well leads to these. */
function FieldValue({ name, value }: FieldValueProps) {
  const { word, title, hasChoices = false } = definitionOf(name);
  if (!hasChoices) return <CopyValue value={value} what={title} />;
  return (
    <Link to="/directory" search={{ [word]: value }}>
      {value}
    </Link>
  );
}
