import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Box, Table, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EventStats } from '../api/types.ts';

const SERIES = [
  { name: 'Valid', color: 'iris.5' },
  { name: 'Not valid', color: 'red.5' },
  { name: 'Failed', color: 'orange.5' },
] as const;

interface VerificationChartProps {
  stats: EventStats;
  tick: Intl.DateTimeFormat;
  height?: number;
}

/** Verifications over time, by outcome; the same as a table for who cannot see it. */
export function VerificationChart({ stats, tick, height = 240 }: VerificationChartProps): ReactNode {
  const data = stats.data.map(({ start, outcomes }) => ({
    at: tick.format(new Date(start)),
    Valid: outcomes.success,
    'Not valid': outcomes.denied,
    Failed: outcomes.failure,
  }));
  return (
    <Box>
      <div aria-hidden>
        <BarChart
          h={height}
          data={data}
          dataKey="at"
          type="stacked"
          withLegend
          legendProps={{ verticalAlign: 'top', align: 'right', height: 32 }}
          gridAxis="x"
          tickLine="none"
          strokeDasharray="3 4"
          maxBarWidth={26}
          barProps={{ isAnimationActive: false }}
          barChartProps={{ accessibilityLayer: false }}
          xAxisProps={{ minTickGap: 28, padding: { left: 4, right: 4 } }}
          yAxisProps={{ allowDecimals: false, width: 44 }}
          valueFormatter={(value) => value.toLocaleString('en')}
          series={SERIES.filter(({ name }) => name === 'Valid' || data.some((bar) => bar[name] > 0))}
        />
      </div>
      <VisuallyHidden>
        <Table>
          <caption>Verifications by outcome</caption>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Valid</th>
              <th scope="col">Not valid</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ at, Valid, 'Not valid': refused, Failed }, n) => (
              <tr key={n}>
                <th scope="row">{at}</th>
                <td>{Valid}</td>
                <td>{refused}</td>
                <td>{Failed}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </VisuallyHidden>
    </Box>
  );
}
