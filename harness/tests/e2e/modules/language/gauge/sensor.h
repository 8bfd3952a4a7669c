/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SENSOR_H
#define SENSOR_H

int sensor_read(void);

#endif
