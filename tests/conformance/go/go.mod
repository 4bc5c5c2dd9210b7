module moa-scorer/conformance

go 1.21
