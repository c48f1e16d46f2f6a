import {
  chooseServerAddress,
  type EnrolmentToken,
  formatInstallLine,
  isLoopbackAddress,
} from '@holdfast/api';
import { Checkbox, Select } from '@mantine/core';
import { IconAlertTriangle } from '../../../shared/icons/icons.ts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { InstallationView, PlatformList } from './installation-view.tsx';
import classes from './token-created.module.css';

export interface CreatedToken {
  readonly token: EnrolmentToken;
  readonly tokenString: string;
  /** Where the token sends devices to. */
  readonly addresses: readonly string[];
}

export interface InstallProps {
  readonly created: CreatedToken;
}

/** One line for a device that reaches the server. */
export function InstallByLine({ created }: InstallProps) {
  const { t } = useTranslation('enrolment');
  const { tokenString, addresses } = created;
  const { origin } = window.location;
  const [address, setAddress] = useState(() => chooseServerAddress(addresses, origin));
  const [isAsked, setAsked] = useState(false);
  const choices = [...new Set([...addresses, address])];
  return (
    <div className={classes.way}>
      {addresses.every(isLoopbackAddress) ? (
        <Notice tone="attention" role="note" icon={<IconAlertTriangle size={18} stroke={1.75} />}>
          <strong>{t('created.loopbackTitle')}</strong>
          <p>{t('created.loopbackText', { addresses: addresses.join(', ') })}</p>
        </Notice>
      ) : null}
      <InstallationView>
        {(installation) => (
          <>
            {choices.length < 2 ? null : (
              <Select
                label={t('install.address')}
                description={t('install.addressHelp')}
                data={choices}
                value={address}
                allowDeselect={false}
                onChange={(value) => setAddress(value ?? address)}
              />
            )}
            <div>
              <p className={classes.label}>{t('install.line')}</p>
              <CopyValue
                value={formatInstallLine({
                  address,
                  scriptSha256: installation.script.sha256,
                  tokenString: isAsked ? undefined : tokenString,
                })}
                what={t('install.whatLine')}
                isBlock
                isLong
              />
            </div>
            {isAsked ? (
              <div>
                <p className={classes.label}>{t('install.askedToken')}</p>
                <CopyValue value={tokenString} what={t('created.whatToken')} isBlock />
              </div>
            ) : null}
            <Checkbox
              label={t('install.ask')}
              description={t('install.askHelp')}
              checked={isAsked}
              onChange={(event) => setAsked(event.currentTarget.checked)}
            />
            <PlatformList installation={installation} />
            <details className={classes.more}>
              <summary>{t('install.what')}</summary>
              <p>{t('install.whatText')}</p>
            </details>
          </>
        )}
      </InstallationView>
    </div>
  );
}
