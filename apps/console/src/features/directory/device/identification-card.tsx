import { definitionOf, type DeviceSummary, type PlainField, plainFields } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Card } from '../../../shared/page/card.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';

export interface IdentificationCardProps {
  readonly device: DeviceSummary;
}

/** The plain fields of a device, as far as they are known. */
export function IdentificationCard({ device }: IdentificationCardProps) {
  const { t } = useTranslation('device');
  const known = plainFields.filter((name) => device[name] !== '');
  if (known.length === 0) return null;
  return (
    <Card title={t('facts.identification')}>
      <Facts>
        {known.map((name) => (
          <Fact key={name} name={definitionOf(name).title}>
            <FieldValue name={name} value={device[name]} />
          </Fact>
        ))}
      </Facts>
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
