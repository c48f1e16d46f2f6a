import { formatOfflineInstallLine } from '@holdfast/api';
import { Anchor } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import type { InstallProps } from './install-by-line.tsx';
import { InstallationView, PlatformList } from './installation-view.tsx';
import classes from './token-created.module.css';

/** Two files for a device that reaches the server later, or by other means than a download. */
export function InstallByFiles({ created }: InstallProps) {
  const { t } = useTranslation('enrolment');
  const format = useFormat();
  const [chosen, setChosen] = useState<string>();
  return (
    <InstallationView>
      {(installation) => {
        const served = installation.platforms.filter(({ archive }) => archive !== null);
        const { archive } = served.find(({ platform }) => platform === chosen) ??
          served[0] ?? { archive: null };
        return (
          <div className={classes.way}>
            <ol className={classes.steps}>
              <li>
                <p className={classes.label}>{t('files.download')}</p>
                <ul className={classes.files}>
                  <li>
                    <Anchor href={installation.script.path} download>
                      install.sh
                    </Anchor>
                  </li>
                  {served.map(({ platform, archive: file }) =>
                    file === null ? null : (
                      <li key={platform}>
                        <Anchor href={file.path} download onClick={() => setChosen(platform)}>
                          {file.fileName}
                        </Anchor>{' '}
                        <span className="hf-soft">
                          {t(`platform.${platform}`)}, {format.bytes(file.sizeBytes)}
                        </span>
                      </li>
                    ),
                  )}
                </ul>
              </li>
              <li>
                <p className={classes.label}>{t('files.line')}</p>
                {archive === null ? null : (
                  <CopyValue
                    value={formatOfflineInstallLine({
                      archiveFileName: archive.fileName,
                      scriptSha256: installation.script.sha256,
                      tokenString: created.tokenString,
                    })}
                    what={t('install.whatLine')}
                    isBlock
                    isLong
                  />
                )}
              </li>
            </ol>
            <p className="hf-soft">{t('files.later')}</p>
            <PlatformList installation={installation} />
          </div>
        );
      }}
    </InstallationView>
  );
}
