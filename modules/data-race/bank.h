/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the bank offers to other modules. All of it may be called by several
 * threads at once, and may sleep.
 */
#ifndef BANK_H
#define BANK_H

#define BANK_ACCOUNTS 4
#define BANK_START 1000

/*
 * Takes the amount from one account, has carry(arg) bring it over, and adds it
 * to the other. carry() may take its time and may sleep; if it returns an
 * error, the money goes back to where it came from, and that error is returned.
 *
 * -EINVAL: no such account, twice the same one, or an amount below 1.
 * -EDQUOT: there is not so much money in the first account.
 */
int bank_transfer(unsigned int from, unsigned int to, long amount,
		  int (*carry)(void *arg), void *arg);

/* Copies what is in all accounts, as of one moment. */
void bank_snapshot(long copy[BANK_ACCOUNTS]);

#endif
