/* SPDX-License-Identifier: GPL-2.0 */
/* What every module of the book includes. */
#ifndef CONVENIENT_H
#define CONVENIENT_H

#define FIRST_NUMBER 2

#endif
