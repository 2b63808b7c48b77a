; kernel less, sse2
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
define void @less(ptr noalias nocapture readonly %sizes, ptr noalias nocapture readonly %ptrs, ptr noalias nocapture readonly %strides) #0 {
entry:
  %n0 = load i64, ptr %sizes, align 8
  %n1p = getelementptr i8, ptr %sizes, i64 8
  %n1 = load i64, ptr %n1p, align 8
  %some0 = icmp sgt i64 %n0, 0
  %some1 = icmp sgt i64 %n1, 0
  %some = and i1 %some0, %some1
  %pp0 = getelementptr i8, ptr %ptrs, i64 0
  %p0 = load ptr, ptr %pp0, align 8
  %op0 = getelementptr i8, ptr %strides, i64 24
  %o0 = load i64, ptr %op0, align 8
  %pp1 = getelementptr i8, ptr %ptrs, i64 8
  %p1 = load ptr, ptr %pp1, align 8
  %op1 = getelementptr i8, ptr %strides, i64 32
  %o1 = load i64, ptr %op1, align 8
  %pp2 = getelementptr i8, ptr %ptrs, i64 16
  %p2 = load ptr, ptr %pp2, align 8
  %op2 = getelementptr i8, ptr %strides, i64 40
  %o2 = load i64, ptr %op2, align 8
  %buf0 = alloca <2 x i8>, align 64
  store <2 x i8> splat (i8 1), ptr %buf0, align 64
  %buf1 = alloca <2 x double>, align 64
  store <2 x double> splat (double 0x3FF0000000000000), ptr %buf1, align 64
  %buf2 = alloca <2 x double>, align 64
  store <2 x double> splat (double 0x3FF0000000000000), ptr %buf2, align 64
  br i1 %some, label %row, label %exit
row:
  %i1 = phi i64 [ 0, %entry ], [ %i1n, %row.end ]
  %d0 = mul i64 %i1, %o0
  %r0 = getelementptr i8, ptr %p0, i64 %d0
  %d1 = mul i64 %i1, %o1
  %r1 = getelementptr i8, ptr %p1, i64 %d1
  %d2 = mul i64 %i1, %o2
  %r2 = getelementptr i8, ptr %p2, i64 %d2
  %whole = urem i64 %n0, 8
  %main.n = sub i64 %n0, %whole
  %main.some = icmp ne i64 %main.n, 0
  br i1 %main.some, label %main, label %tail.head
main:
  %i = phi i64 [ 0, %row ], [ %in, %main ]
  %v1 = mul i64 %i, 1
  %v2 = getelementptr i8, ptr %r0, i64 %v1
  %v3 = mul i64 %i, 8
  %v4 = getelementptr i8, ptr %r1, i64 %v3
  %v5 = mul i64 %i, 8
  %v6 = getelementptr i8, ptr %r2, i64 %v5
  %v7 = load <2 x double>, ptr %v4, align 8
  %v8 = load <2 x double>, ptr %v6, align 8
  %v9 = getelementptr i8, ptr %v4, i64 16
  %v10 = load <2 x double>, ptr %v9, align 8
  %v11 = getelementptr i8, ptr %v6, i64 16
  %v12 = load <2 x double>, ptr %v11, align 8
  %v13 = getelementptr i8, ptr %v4, i64 32
  %v14 = load <2 x double>, ptr %v13, align 8
  %v15 = getelementptr i8, ptr %v6, i64 32
  %v16 = load <2 x double>, ptr %v15, align 8
  %v17 = getelementptr i8, ptr %v4, i64 48
  %v18 = load <2 x double>, ptr %v17, align 8
  %v19 = getelementptr i8, ptr %v6, i64 48
  %v20 = load <2 x double>, ptr %v19, align 8
  %v21 = fcmp olt <2 x double> %v7, %v8
  %v22 = zext <2 x i1> %v21 to <2 x i8>
  %v23 = fcmp olt <2 x double> %v10, %v12
  %v24 = zext <2 x i1> %v23 to <2 x i8>
  %v25 = fcmp olt <2 x double> %v14, %v16
  %v26 = zext <2 x i1> %v25 to <2 x i8>
  %v27 = fcmp olt <2 x double> %v18, %v20
  %v28 = zext <2 x i1> %v27 to <2 x i8>
  store <2 x i8> %v22, ptr %v2, align 1
  %v29 = getelementptr i8, ptr %v2, i64 2
  store <2 x i8> %v24, ptr %v29, align 1
  %v30 = getelementptr i8, ptr %v2, i64 4
  store <2 x i8> %v26, ptr %v30, align 1
  %v31 = getelementptr i8, ptr %v2, i64 6
  store <2 x i8> %v28, ptr %v31, align 1
  %in = add i64 %i, 8
  %main.more = icmp ult i64 %in, %main.n
  br i1 %main.more, label %main, label %tail.head
tail.head:
  %t0 = phi i64 [ 0, %row ], [ %main.n, %main ]
  %tail.some = icmp ult i64 %t0, %n0
  br i1 %tail.some, label %tail, label %row.end
tail:
  %t = phi i64 [ %t0, %tail.head ], [ %tn, %tail.end ]
  %left = sub i64 %n0, %t
  %full = icmp uge i64 %left, 2
  %to0 = mul i64 %t, 1
  %tp0 = getelementptr i8, ptr %r0, i64 %to0
  %tl0 = mul i64 %left, 1
  %to1 = mul i64 %t, 8
  %tp1 = getelementptr i8, ptr %r1, i64 %to1
  %tl1 = mul i64 %left, 8
  %to2 = mul i64 %t, 8
  %tp2 = getelementptr i8, ptr %r2, i64 %to2
  %tl2 = mul i64 %left, 8
  br i1 %full, label %work, label %fetch
fetch:
  call void @llvm.memcpy.p0.p0.i64(ptr %buf1, ptr %tp1, i64 %tl1, i1 false)
  call void @llvm.memcpy.p0.p0.i64(ptr %buf2, ptr %tp2, i64 %tl2, i1 false)
  br label %work
work:
  %w0 = phi ptr [ %tp0, %tail ], [ %buf0, %fetch ]
  %w1 = phi ptr [ %tp1, %tail ], [ %buf1, %fetch ]
  %w2 = phi ptr [ %tp2, %tail ], [ %buf2, %fetch ]
  %v32 = load <2 x double>, ptr %w1, align 8
  %v33 = load <2 x double>, ptr %w2, align 8
  %v34 = fcmp olt <2 x double> %v32, %v33
  %v35 = zext <2 x i1> %v34 to <2 x i8>
  store <2 x i8> %v35, ptr %w0, align 1
  br i1 %full, label %tail.done, label %put
put:
  call void @llvm.memcpy.p0.p0.i64(ptr %tp0, ptr %buf0, i64 %tl0, i1 false)
  br label %tail.done
tail.done:
  br label %tail.end
tail.end:
  %tn = add i64 %t, 2
  %tail.more = icmp ult i64 %tn, %n0
  br i1 %tail.more, label %tail, label %row.end
row.end:
  %i1n = add i64 %i1, 1
  %row.more = icmp ult i64 %i1n, %n1
  br i1 %row.more, label %row, label %exit
exit:
  ret void
}
attributes #0 = { nounwind "target-cpu"="x86-64" "min-legal-vector-width"="128" "prefer-vector-width"="128" }
