// SPDX-License-Identifier: GPL-2.0-only
/*
 * fixture: preprocessor-loop
 * verdict: build-failed
 * exit: 1
 * because: memory
 *
 * D48 expands to 2^48 tokens: a compiler that is not stopped runs for months
 * or takes all memory. labctl ends it at its memory cap, after half a minute
 * at most on a slow machine, or at its time limit, and says which.
 */
#include <linux/init.h>
#include <linux/module.h>

#define D0 1
#define D1 (D0 + D0)
#define D2 (D1 + D1)
#define D3 (D2 + D2)
#define D4 (D3 + D3)
#define D5 (D4 + D4)
#define D6 (D5 + D5)
#define D7 (D6 + D6)
#define D8 (D7 + D7)
#define D9 (D8 + D8)
#define D10 (D9 + D9)
#define D11 (D10 + D10)
#define D12 (D11 + D11)
#define D13 (D12 + D12)
#define D14 (D13 + D13)
#define D15 (D14 + D14)
#define D16 (D15 + D15)
#define D17 (D16 + D16)
#define D18 (D17 + D17)
#define D19 (D18 + D18)
#define D20 (D19 + D19)
#define D21 (D20 + D20)
#define D22 (D21 + D21)
#define D23 (D22 + D22)
#define D24 (D23 + D23)
#define D25 (D24 + D24)
#define D26 (D25 + D25)
#define D27 (D26 + D26)
#define D28 (D27 + D27)
#define D29 (D28 + D28)
#define D30 (D29 + D29)
#define D31 (D30 + D30)
#define D32 (D31 + D31)
#define D33 (D32 + D32)
#define D34 (D33 + D33)
#define D35 (D34 + D34)
#define D36 (D35 + D35)
#define D37 (D36 + D36)
#define D38 (D37 + D37)
#define D39 (D38 + D38)
#define D40 (D39 + D39)
#define D41 (D40 + D40)
#define D42 (D41 + D41)
#define D43 (D42 + D42)
#define D44 (D43 + D43)
#define D45 (D44 + D44)
#define D46 (D45 + D45)
#define D47 (D46 + D46)
#define D48 (D47 + D47)

static const long fixture_sum = D48;

static int __init fixture_init(void)
{
	return fixture_sum ? 0 : -1;
}

static void __exit fixture_exit(void)
{
}

module_init(fixture_init);
module_exit(fixture_exit);

MODULE_AUTHOR("The labctl authors");
MODULE_DESCRIPTION("Never finishes compiling");
MODULE_LICENSE("GPL");
