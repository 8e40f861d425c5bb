# Do x mod r and y mod r determine a point of y^2 = x^3 + 3 over F_q with 0 <= x, y < q? Two points with the same residues
# differ by (a r, b r), a, b in {-1, 0, 1} (q < 2r). Solve for each (a, b) != (0, 0) up to sign.
q=21888242871839275222246405745257275088696311157297823662689037894645226208583
r=21888242871839275222246405745257275088548364400416034343698204186575808495617
assert r<q<2*r
# polynomial arithmetic mod q, lists low->high
def trim(p):
    while p and p[-1]%q==0: p.pop()
    return p
def add(a,b): 
    n=max(len(a),len(b)); return trim([((a[i] if i<len(a) else 0)+(b[i] if i<len(b) else 0))%q for i in range(n)])
def mul(a,b):
    if not a or not b: return []
    o=[0]*(len(a)+len(b)-1)
    for i,x in enumerate(a):
        for j,y in enumerate(b): o[i+j]=(o[i+j]+x*y)%q
    return trim(o)
def mod(a,m):
    a=a[:]; inv=pow(m[-1],-1,q)
    while len(a)>=len(m):
        c=a[-1]*inv%q; s=len(a)-len(m)
        for i,x in enumerate(m): a[s+i]=(a[s+i]-c*x)%q
        trim(a)
        if not a: break
    return a
def div(a,m):
    a=a[:]; inv=pow(m[-1],-1,q); o=[0]*max(len(a)-len(m)+1,0)
    while len(a)>=len(m):
        c=a[-1]*inv%q; s=len(a)-len(m); o[s]=c
        for i,x in enumerate(m): a[s+i]=(a[s+i]-c*x)%q
        trim(a)
        if not a: break
    return trim(o)
def gcd(a,b):
    while b: a,b=b,mod(a,b)
    inv=pow(a[-1],-1,q); return [x*inv%q for x in a]
def powx(b,e,m):
    o=[1]
    while e:
        if e&1: o=mod(mul(o,b),m)
        b=mod(mul(b,b),m); e>>=1
    return o
import random
def roots(p):
    p=trim([x%q for x in p])
    if len(p)<=1: return []
    g=gcd(p,add(powx([0,1],q,p),[0,q-1]))
    def split(g):
        if len(g)==1: return []
        if len(g)==2: return [(-g[0]*pow(g[1],-1,q))%q]
        while True:
            h=gcd(g,add(powx([random.randrange(q),1],(q-1)//2,g),[q-1]))
            if 1<len(h)<len(g): return split(h)+split(div(g,h))
    return sorted(split(g))
def sqrt(v):
    s=pow(v,(q+1)//4,q); return s if s*s%q==v%q else None
found=[]
for a,b in [(1,0),(0,1),(1,1),(1,-1)]:
    cand=[]
    ra,rb=a*r,b*r
    # (y+rb)^2 - y^2 = (x+ra)^3 - x^3
    rhs=trim([(ra**3)%q, 3*ra*ra%q, 3*ra%q])
    if b==0:
        for x in roots(rhs):
            y=sqrt((x**3+3)%q)
            if y is not None: cand+= [(x,y),(x,(-y)%q)]
    else:
        # y = (rhs - rb^2)/(2 rb)
        i=pow(2*rb,-1,q)
        ypoly=trim([c*i%q for c in add(rhs,[(-rb*rb)%q])])
        eq=add(mul(ypoly,ypoly),[q-3,0,0,q-1])
        for x in roots(eq):
            y=sum(c*pow(x,k,q) for k,c in enumerate(ypoly))%q
            cand.append((x,y))
    for x,y in cand:
        assert (y*y-x**3-3)%q==0
        X,Y=x+ra,y+rb
        ok=0<=X<q and 0<=Y<q
        found.append(((a,b),x,y,ok)); 
for f in found: print(f[0], hex(f[1]), hex(f[2]), "IN RANGE" if f[3] else "out of range")
print(len(found),"candidates,",sum(f[3] for f in found),"collisions")
